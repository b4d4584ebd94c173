/** Signing in and out, joining by a link, and the second factor. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { may, type Right, rights, type SignInDesk } from '#staff'
import { type Access, anybody, type ConsoleEnv, dropCookie, putCookie } from './access.ts'
import type { Sessions } from './session.ts'

export const word = (most: number) => z.string().min(1).max(most)
export const json = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
})
export const answer = <T extends z.ZodType>(schema: T) => ({
  description: 'done',
  content: { 'application/json': { schema } },
})

const visitor = z.object({
  name: z.string(),
  roles: z.array(z.string()),
  rights: z.array(z.enum(rights)),
  csrf: z.string(),
  /** Whether a second factor is asked for. */
  totp: z.boolean(),
})

export interface SignInRoutesOptions {
  desk: SignInDesk
  sessions: Sessions
  access: Access
  secure: boolean
}

/** Without a session: what an official does to get one. Each of them leaves a row in the audit trail. */
export function createSignInRoutes({ desk, sessions, access, secure }: SignInRoutesOptions) {
  const signInRoute = createRoute({
    method: 'post',
    path: '/sign-in',
    ...anybody,
    request: { body: json(z.object({ name: word(40), password: word(512), code: word(12).optional() })) },
    responses: { 200: answer(z.object({ needs: z.enum(['code', 'nothing']) })) },
  })
  const sessionRoute = createRoute({
    method: 'get',
    path: '/session',
    ...access(null),
    responses: { 200: answer(visitor) },
  })
  const signOutRoute = createRoute({
    method: 'post',
    path: '/sign-out',
    ...access(null),
    responses: { 200: answer(z.object({})) },
  })
  const invitedRoute = createRoute({
    method: 'post',
    path: '/invited',
    ...anybody,
    request: { body: json(z.object({ token: word(100) })) },
    responses: { 200: answer(z.object({ good: z.boolean(), name: z.string().nullable() })) },
  })
  const joinRoute = createRoute({
    method: 'post',
    path: '/join',
    ...anybody,
    request: {
      body: json(z.object({ token: word(100), name: word(40).optional(), password: word(512) })),
    },
    responses: { 200: answer(z.object({ name: z.string() })) },
  })

  return new OpenAPIHono<ConsoleEnv>()
    .openapi(signInRoute, async c => {
      const done = await desk.signIn(c.req.valid('json'))
      if ('needs' in done) return c.json({ needs: 'code' as const }, 200)
      const { token } = await sessions.open(done.account.name)
      putCookie(c, token, secure)
      return c.json({ needs: 'nothing' as const }, 200)
    })
    .openapi(sessionRoute, async c => {
      const { account, csrf } = c.get('visitor')
      const held: Right[] = rights.filter(right => may(account, right))
      const { name, roles } = account
      const totp = await desk.hasTotp(name)
      return c.json({ name, roles: [...roles], rights: held, csrf, totp }, 200)
    })
    .openapi(signOutRoute, async c => {
      await sessions.close(c.get('token'))
      dropCookie(c)
      return c.json({}, 200)
    })
    .openapi(invitedRoute, async c => {
      const found = await desk.invited(c.req.valid('json').token)
      return c.json({ good: found !== undefined, name: found?.name ?? null }, 200)
    })
    .openapi(joinRoute, async c => c.json({ name: await desk.join(c.req.valid('json')) }, 200))
}
