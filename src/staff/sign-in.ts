/** Signing in: invitations by a link that is good once, passwords, a second factor, and a lock-out that grows. */
import { hash, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Clock } from '#base/clock'
import { Refusal } from '#base/errors'
import { Conflict, type Vault } from '#storage'
import type { Account } from './account.ts'
import { operator, type StaffDesk } from './desk.ts'
import { openStaffKey } from './key.ts'
import { checkPassword, hashPassword, isPassword } from './password.ts'
import type { StaffStore } from './store.ts'

const invitedMs = 24 * 3_600_000
const tokenBytes = 24
/** So many wrong tries are forgiven; each one after them locks the account for twice as long. */
const forgiven = 5
const firstLockMs = 60_000
const longestLockMs = 3_600_000
const stepMs = 30_000
const hashOf = (token: string) => hash('sha256', token)
const totpContext = (name: string) => `staff totp ${name}`

const wrong = () => new Refusal('sign-in', '姓名、密码或者动态码不对，请核对后再试。')

export interface Invitation {
  /** To be told to whoever is invited, and kept nowhere. */
  token: string
  expiresAt: number
}

export interface SignIn {
  name: string
  password: string
  /** Of the second factor; absent where it was not asked for yet. */
  code?: string | undefined
}

export type SignedIn = { account: Account } | { needs: 'code' }

export interface SignInOptions {
  store: StaffStore
  staff: Pick<StaffDesk, 'list' | 'get' | 'add' | 'record'>
  vault: Vault
  clock: Clock
  /** Stands in the app that shows the codes. */
  agency: string
}

export type SignInDesk = ReturnType<typeof createSignInDesk>

export function createSignInDesk({ store, staff, vault, clock, agency }: SignInOptions) {
  const inUse = async (name: string) =>
    (await staff.list()).find(account => account.name === name && account.disabledAt === null)

  const totpOf = (name: string, secret: string) =>
    new TOTP({ issuer: agency, label: name, secret: Secret.fromBase32(secret), algorithm: 'SHA1' })

  /** The step of 30 seconds that a code is of, one step early or late; undefined: it is none. */
  function stepOf(name: string, secret: string, code: string): number | undefined {
    const now = clock.now()
    const token = code.normalize('NFKC').replace(/\s/g, '')
    const delta = totpOf(name, secret).validate({ token, window: 1, timestamp: now })
    return delta === null ? undefined : Math.floor(now / stepMs) + delta
  }

  async function makeInvitation(
    name: string | null,
  ): Promise<{ invitation: Invitation; row: Parameters<StaffStore['insertInvitation']>[0] }> {
    const token = randomBytes(tokenBytes).toString('base64url')
    const expiresAt = clock.now() + invitedMs
    return { invitation: { token, expiresAt }, row: { hash: hashOf(token), name, expires_at: expiresAt } }
  }

  async function fail(name: string, failures: number): Promise<never> {
    const over = failures + 1 - forgiven
    const lockMs = over > 0 ? Math.min(firstLockMs * 2 ** (over - 1), longestLockMs) : 0
    const row = {
      name,
      failures: failures + 1,
      before: failures,
      lockedUntil: lockMs === 0 ? 0 : clock.now() + lockMs,
    }
    try {
      const counted = [store.countFailure(row)]
      if (lockMs === 0) await store.commit(counted)
      else
        await staff.record(
          { by: name, act: 'staff.locked', subject: name, detail: { minutes: lockMs / 60_000 } },
          counted,
        )
    } catch (error) {
      // Others try at the same time: theirs is counted.
      if (!(error instanceof Conflict)) throw error
    }
    throw wrong()
  }

  async function setPassword(name: string, password: string): Promise<ReturnType<StaffStore['putPassword']>> {
    checkPassword(password, name)
    return store.putPassword(name, await hashPassword(password), clock.now())
  }

  return {
    /** Undefined when somebody can sign in already; else the link's token for the first administrator. */
    async inviteFirst(): Promise<Invitation | undefined> {
      if (await store.hasCredentials()) return undefined
      const { invitation, row } = await makeInvitation(null)
      await store.commit([store.insertInvitation(row)])
      return invitation
    },
    /** Lets an official set a password anew. */
    async invite(name: string, by: string): Promise<Invitation> {
      if (by !== operator) await staff.get(by, 'staff')
      if (!(await inUse(name))) throw new Refusal('staff', `没有在用的工作人员“${name}”，请先添加。`)
      const { invitation, row } = await makeInvitation(name)
      await staff.record({ by, act: 'staff.invite', subject: name }, [store.insertInvitation(row)])
      return invitation
    },
    /** Who was invited by this token; undefined: nobody any more. `name` null: the first administrator names themselves. */
    async invited(token: string): Promise<{ name: string | null } | undefined> {
      const row = await store.findInvitation(hashOf(token), clock.now())
      return row && { name: row.name }
    },
    /** Sets the password; the link is used up. Throws a Refusal. */
    async join({ token, name, password }: { token: string; name?: string | undefined; password: string }) {
      const now = clock.now()
      const row = await store.findInvitation(hashOf(token), now)
      if (!row) throw new Refusal('invitation', '这个链接用过了或者过期了，请向管理员要一个新的。')
      const own = row.name ?? name?.trim() ?? ''
      checkPassword(password, own)
      if (row.name === null && !(await inUse(own))) await staff.add({ name: own, roles: ['admin'] }, operator)
      const used = [store.takeInvitation(hashOf(token), now), await setPassword(own, password)]
      try {
        await staff.record({ by: own, act: 'staff.join', subject: own }, used)
      } catch (error) {
        if (!(error instanceof Conflict)) throw error
        throw new Refusal('invitation', '这个链接刚刚有人用过了，请向管理员要一个新的。')
      }
      return own
    },
    /** Throws a Refusal where it is not them, or where the account is locked for now. */
    async signIn({ name, password, code }: SignIn): Promise<SignedIn> {
      const kept = await store.findCredential(name)
      const now = clock.now()
      if (kept && kept.locked_until > now) {
        const minutes = Math.ceil((kept.locked_until - now) / 60_000)
        throw new Refusal('locked', `试错的次数太多，请${minutes}分钟以后再试；忘了密码请找管理员。`)
      }
      const right = await isPassword(password, kept?.password)
      const account = await inUse(name)
      if (!kept) throw wrong()
      if (!right || !account) return fail(name, kept.failures)
      let step = kept.totp_step
      if (kept.totp) {
        if (code === undefined) return { needs: 'code' }
        const key = await openStaffKey({ store, vault, clock })
        const used = stepOf(name, key.open(kept.totp, totpContext(name)), code)
        if (used === undefined || used <= kept.totp_step) return fail(name, kept.failures)
        step = used
      }
      try {
        const entered = store.succeed({ name, step, before: kept.totp_step })
        await staff.record({ by: name, act: 'staff.sign-in', subject: name }, [entered])
      } catch (error) {
        if (error instanceof Conflict) throw wrong()
        throw error
      }
      return { account }
    },
    /** A new secret for the second factor; it holds once a code of it is shown. */
    beginTotp(name: string): { secret: string; uri: string } {
      const secret = new Secret({ size: 20 }).base32
      return { secret, uri: totpOf(name, secret).toString() }
    },
    async confirmTotp(name: string, { secret, code }: { secret: string; code: string }): Promise<void> {
      const step = stepOf(name, secret, code)
      if (step === undefined) throw new Refusal('code', '动态码不对，请看手机上现在显示的那一个。')
      const key = await openStaffKey({ store, vault, clock })
      const sealed = store.putTotp(name, key.seal(secret, totpContext(name)), step)
      await staff.record({ by: name, act: 'staff.totp', subject: name }, [sealed])
    },
    /** A telephone was lost: an administrator takes the second factor away. */
    async removeTotp(name: string, by: string): Promise<void> {
      if (by !== operator) await staff.get(by, 'staff')
      await staff.record({ by, act: 'staff.totp.remove', subject: name }, [store.putTotp(name, null, 0)])
    },
    async changePassword(name: string, { old, fresh }: { old: string; fresh: string }): Promise<void> {
      const kept = await store.findCredential(name)
      if (!(await isPassword(old, kept?.password))) throw new Refusal('password', '原来的密码不对。')
      await staff.record({ by: name, act: 'staff.password', subject: name }, [await setPassword(name, fresh)])
    },
    async hasTotp(name: string): Promise<boolean> {
      return ((await store.findCredential(name))?.totp ?? null) !== null
    },
    /** Deletes links that nobody can use any more. */
    sweep: async () => void (await store.sweepInvitations(clock.now() - invitedMs)),
  }
}
