/** The staff API: nobody is answered without a session, the word of our pages, and the right that the route names. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log'
import { createConsole, createSessions } from '#console'
import { createSignInDesk, createStaffStore, may, operator, type Right, roles } from '#staff'
import type { Store } from '#storage'
import { type Office, openOffice } from '../casework/office.ts'
import { databases, type TestDatabase } from '../storage/databases.ts'

const password = '梅花 三弄 城北 旧书店'
const minute = 60_000

describe('the staff API', () => {
  let database: TestDatabase
  let store: Store
  let office: Office
  let app: ReturnType<typeof createConsole>

  beforeEach(async () => {
    const [first] = databases
    if (!first) throw new Error('no database')
    database = await first.make()
    store = await database.open()
    office = await openOffice(store)
    const { staff, vault, clock, desk: disclosure } = office
    const kept = new Map<string, unknown>()
    const cache = {
      get: async (key: string) => kept.get(key),
      set: async (key: string, value: unknown) => void kept.set(key, value),
      delete: async (key: string) => void kept.delete(key),
    }
    const signIn = createSignInDesk({ store: createStaffStore(store), staff, vault, clock, agency: '某厅' })
    for (const role of roles) {
      await staff.add({ name: `持${role}`, roles: [role] }, operator)
      const { token } = await signIn.invite(`持${role}`, operator)
      if (role === 'auditor' || role === 'editor') await signIn.join({ token, password })
    }
    const sessions = createSessions({ cache, clock })
    app = createConsole({ signIn, staff, disclosure, sessions, log: silentLog, secure: true })
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  interface Said {
    csrf?: string
    error?: { code: string }
    paths?: Record<string, Record<string, { 'x-right'?: string }>>
  }
  interface Sent {
    method?: string
    body?: unknown
    cookie?: string
    csrf?: string
    type?: string
  }
  async function call(path: string, { method, body, cookie, csrf, type = 'application/json' }: Sent = {}) {
    const response = await app.fetch(
      new Request(`https://a.gov.cn/api/staff${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(body !== undefined && { 'content-type': type }),
          ...(cookie !== undefined && { cookie }),
          ...(csrf !== undefined && { 'x-csrf-token': csrf }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
    const set = response.headers.get('set-cookie')
    return {
      status: response.status,
      set,
      cookie: set?.split(';')[0] ?? '',
      body: (await response.json()) as Said,
    }
  }
  const enter = async (name: string) => {
    const { cookie } = await call('/sign-in', { body: { name, password } })
    const { body } = await call('/session', { cookie })
    return { cookie, csrf: String(body.csrf) }
  }

  it('is entered by name and password, with a cookie that no script and no other site can use', async () => {
    const { status, set } = await call('/sign-in', { body: { name: '持auditor', password } })
    expect(status).toBe(200)
    for (const mark of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/staff'])
      expect(set).toContain(mark)
    const wrong = await call('/sign-in', { body: { name: '持auditor', password: '不是这个密码不是这个' } })
    expect([wrong.status, wrong.set, wrong.body.error?.code]).toEqual([401, null, 'sign-in'])
  })

  it('tells nobody anything on any route that is not open to anybody', async () => {
    const { body } = await call('/openapi.json')
    const routes = Object.entries(body.paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, right: one['x-right'] })),
    )
    expect(routes.length).toBeGreaterThan(4)
    expect(routes.filter(({ right }) => right === undefined)).toEqual([])
    const { cookie, csrf } = await enter('持editor')
    const editor = (await office.staff.list()).find(({ name }) => name === '持editor')
    for (const { path, method, right } of routes) {
      if (right === 'anybody') continue
      const sent = { method: method.toUpperCase(), ...(method !== 'get' && { body: {} }) }
      const own = path.replace('/api/staff', '')
      expect([path, (await call(own, sent)).status]).toEqual([path, 401])
      if (right === 'signed-in' || !editor || may(editor, right as Right)) continue
      expect([path, (await call(own, { ...sent, cookie, csrf })).status]).toEqual([path, 403])
    }
  })

  it('takes a change only with the session’s own word, and only as JSON', async () => {
    const { cookie, csrf } = await enter('持auditor')
    for (const forged of [undefined, '', `${csrf.slice(1)}A`])
      expect(
        (await call('/sign-out', { cookie, body: {}, ...(forged !== undefined && { csrf: forged }) })).status,
      ).toBe(403)
    expect((await call('/sign-out', { cookie, csrf, body: {}, type: 'text/plain' })).status).toBe(415)
    expect((await call('/session', { cookie })).status).toBe(200)
  })

  it('knows a cookie no more after signing out, after an hour of nothing, and after half a day', async () => {
    const { cookie, csrf } = await enter('持auditor')
    expect((await call('/sign-out', { cookie, csrf, body: {} })).status).toBe(200)
    expect((await call('/session', { cookie })).status).toBe(401)
    const idle = await enter('持auditor')
    await office.clock.advance(61 * minute)
    expect((await call('/session', { cookie: idle.cookie })).status).toBe(401)
    let { cookie: used } = await enter('持auditor')
    for (let i = 0; i < 30; i++) {
      await office.clock.advance(25 * minute)
      const next = await call('/session', { cookie: used })
      if (next.status === 200) used = next.cookie || used
      else expect(i).toBeGreaterThanOrEqual(28)
    }
    expect((await call('/session', { cookie: used })).status).toBe(401)
  })

  it('gives a new cookie in the place of an old one, which is good for nothing soon after', async () => {
    const { cookie } = await enter('持auditor')
    await office.clock.advance(16 * minute)
    const rotated = await call('/session', { cookie })
    expect(rotated.cookie).not.toBe('')
    expect(rotated.cookie).not.toBe(cookie)
    expect((await call('/session', { cookie })).status).toBe(200)
    await office.clock.advance(minute)
    expect((await call('/session', { cookie })).status).toBe(401)
    expect((await call('/session', { cookie: rotated.cookie })).status).toBe(200)
  })

  it('lets nobody in who was disabled, from the next request on', async () => {
    const { cookie } = await enter('持auditor')
    await office.staff.disable('持auditor', operator)
    expect((await call('/session', { cookie })).status).toBe(401)
  })
})
