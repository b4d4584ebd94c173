/**
 * The officials' API under `/api/staff`: each route names the right that it takes, each change needs the word that only
 * our pages know, and `/api/openapi.json` describes all of it.
 */
import { OpenAPIHono } from '@hono/zod-openapi'
import { Refusal } from '#base/errors'
import { newUuid } from '#base/ids'
import type { Log } from '#base/log'
import type { DisclosureDesk } from '#casework'
import type { SignInDesk, StaffDesk } from '#staff'
import { type ConsoleEnv, createAccess } from './access.ts'
import { createRequestRoutes } from './requests.ts'
import type { Sessions } from './session.ts'
import { createSignInRoutes } from './sign-in.ts'

export { createSessions, type Sessions } from './session.ts'

export interface ConsoleOptions {
  signIn: SignInDesk
  staff: StaffDesk
  disclosure: DisclosureDesk
  sessions: Sessions
  log: Log
  /** The console is reached by HTTPS. */
  secure: boolean
}

const statuses: Record<string, 401 | 403 | 409 | 429> = {
  'signed-out': 401,
  'sign-in': 401,
  csrf: 403,
  right: 403,
  staff: 403,
  moved: 409,
  locked: 429,
}

const problem = (code: string, message: string) => ({ error: { code, message } })

/** Only JSON is taken: a form of another site cannot send it without asking the browser first. */
const isJson = (type: string | undefined) => /^application\/json(;|$)/i.test(type ?? '')

export function createConsole({ signIn, staff, disclosure, sessions, log, secure }: ConsoleOptions) {
  const access = createAccess({ sessions, staff, secure })
  const app = new OpenAPIHono<ConsoleEnv>({
    defaultHook: (found, c) =>
      found.success ? undefined : c.json(problem('input', '填写的内容不对，请检查后再试。'), 422),
  }).basePath('/api/staff')
  app.use(async (c, next) => {
    c.header('cache-control', 'no-store')
    if (c.req.method !== 'GET' && !isJson(c.req.header('content-type')))
      return c.json(problem('input', '只接受 JSON。'), 415)
    await next()
  })
  const routed = app
    .route('/', createSignInRoutes({ desk: signIn, sessions, access, secure }))
    .route('/', createRequestRoutes({ desk: disclosure, access }))
  const described = { openapi: '3.1.0', info: { title: 'Gongkai staff API', version: '1' } }
  app.get('/openapi.json', c => c.json(routed.getOpenAPI31Document(described)))
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json(problem(error.code, error.say), statuses[error.code] ?? 422)
    const id = newUuid()
    log.error('request.failed', error, { id, path: c.req.path })
    return c.json(problem('failed', `系统出了点问题，请稍后再试。如需反映，请提供编号 ${id}。`), 500)
  })
  return routed
}

/** What the page calls, typed end to end. */
export type ConsoleApi = ReturnType<typeof createConsole>
