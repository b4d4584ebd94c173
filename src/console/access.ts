/** Who asks: the session's cookie, the word that only our pages know, and the right that a route names. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { createMiddleware } from 'hono/factory'
import { Refusal } from '#base/errors'
import { type Account, may, type Right, type StaffDesk } from '#staff'
import { isOurs, type Sessions } from './session.ts'

export interface Visitor {
  account: Account
  csrf: string
}
export interface ConsoleEnv {
  Variables: { visitor: Visitor; token: string }
}

const cookieName = 'gongkai_staff'
export const csrfHeader = 'x-csrf-token'

/** `secure`: the page is reached by HTTPS. */
export function putCookie(c: Context, token: string, secure: boolean): void {
  setCookie(c, cookieName, token, { httpOnly: true, sameSite: 'Strict', path: '/api/staff', secure })
}
export const dropCookie = (c: Context) => void deleteCookie(c, cookieName, { path: '/api/staff' })
export const tokenOf = (c: Context): string | undefined => getCookie(c, cookieName)

const refuse = (code: string, say: string) => new Refusal(code, say)

export interface AccessOptions {
  sessions: Sessions
  staff: Pick<StaffDesk, 'list'>
  secure: boolean
}

/** Lets nobody by but a signed-in official with the right; null: whoever is signed in. */
export function createAccess({ sessions, staff, secure }: AccessOptions) {
  const guard = (right: Right | null) =>
    createMiddleware<ConsoleEnv>(async (c, next) => {
      const token = tokenOf(c)
      const found = token === undefined ? undefined : await sessions.find(token)
      const account =
        found && (await staff.list()).find(one => one.name === found.session.name && one.disabledAt === null)
      if (!found || !account) throw refuse('signed-out', '请先登录。登录超过一个小时没有操作也要重新登录。')
      const reading = c.req.method === 'GET' || c.req.method === 'HEAD'
      if (!reading && !isOurs(found.session, c.req.header(csrfHeader)))
        throw refuse('csrf', '这个请求不是从控制台的页面发出的，没有办理。请刷新页面再试。')
      if (right !== null && !may(account, right))
        throw refuse('right', `“${account.name}”没有这一项的权限，请由有权限的人办理。`)
      if (found.token !== undefined) putCookie(c, found.token, secure)
      c.set('visitor', { account, csrf: found.session.csrf })
      c.set('token', found.token ?? token ?? '')
      await next()
    })
  /** What a route says of who may: kept by the guard, and told in the description of the API. */
  return (right: Right | null) => ({
    middleware: [guard(right)] as [ReturnType<typeof guard>],
    'x-right': right ?? 'signed-in',
  })
}
/** What a route says that anybody may ask. */
export const anybody = { 'x-right': 'anybody' } as const

export type Access = ReturnType<typeof createAccess>
