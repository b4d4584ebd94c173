/**
 * Encryption at rest. Every conversation (later: every case) has a data key of its own, which is kept wrapped by
 * the master key. A new master key re-wraps the data keys and touches nothing else; deleting a data key makes all
 * that it sealed unreadable, in backups too once they are gone. AES-256-GCM throughout (NIST SP 800-38D).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LRUCache } from 'lru-cache'
import { makeFolder } from './sqlite.ts'
import type { Store } from './store.ts'
import { type Statement, statement, type Write, write } from './store.ts'

const algorithm = 'aes-256-gcm'
const format = 1
const nonceBytes = 12
const tagBytes = 16
const keyBytes = 32
const keysInMemory = 1_000
const noncesAtOnce = 512
const formatByte = Buffer.of(format)

/** 32 random bytes that wrap the data keys, and a name by which a wrapped key tells what wrapped it. */
export interface MasterKey {
  readonly id: string
  readonly bytes: Buffer
  readonly key: KeyObject
}

/** Reads a master key from base64. Undefined when it is not 32 bytes. */
export function parseMasterKey(base64: string): MasterKey | undefined {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== keyBytes || !/^[A-Za-z0-9+/]{43}=?$/.test(base64)) return undefined
  return {
    id: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
    bytes,
    key: createSecretKey(bytes),
  }
}

export function createMasterKeyText(): string {
  return randomBytes(keyBytes).toString('base64')
}

/** Random nonces, drawn many at once: one draw costs as much as a hundred. */
function createNonces(): () => Buffer {
  const pool = Buffer.alloc(nonceBytes * noncesAtOnce)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      randomFillSync(pool)
      next = 0
    }
    next += nonceBytes
    return pool.subarray(next - nonceBytes, next)
  }
}

const newNonce = createNonces()

/** The few contexts that are used for every message, as bytes. */
const contexts = new LRUCache<string, Buffer>({ max: 100 })

function contextBytes(context: string): Buffer {
  const known = contexts.get(context)
  if (known) return known
  const bytes = Buffer.from(context)
  contexts.set(context, bytes)
  return bytes
}

/** format byte, nonce, ciphertext, tag. `context` binds the bytes to their place: they open nowhere else. */
function encrypt(key: KeyObject, plain: Buffer, context: string): Buffer {
  const nonce = newNonce()
  const cipher = createCipheriv(algorithm, key, nonce)
  cipher.setAAD(contextBytes(context))
  return Buffer.concat([formatByte, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes[0] !== format || bytes.length < 1 + nonceBytes + tagBytes)
    throw new Error('sealed data of an unknown format')
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(1, 1 + nonceBytes))
  decipher.setAAD(contextBytes(context))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  const body = bytes.subarray(1 + nonceBytes, bytes.length - tagBytes)
  return Buffer.concat([decipher.update(body), decipher.final()])
}

/** The master keys cannot be read, or do not open the data. No Refusal: what it says is not for citizens. */
export class KeyFailure extends Error {
  /** A sentence for the operator. */
  readonly say: string
  constructor(reason: string, say: string) {
    super(reason)
    this.name = 'KeyFailure'
    this.say = say
  }
}

/** An opened data key: seals and opens the texts of one person or case. */
export interface DataKey {
  readonly id: string
  seal(plain: string | Buffer, context: string): Buffer
  open(sealed: Uint8Array, context: string): string
  openBytes(sealed: Uint8Array, context: string): Buffer
  /** A mark that only this key makes of a text, under a key derived for marks alone. */
  mark(text: string): Buffer
}

export interface Vault {
  /** The data key, if there is one. Throws when the master key that wrapped it is not at hand. */
  find(id: string): Promise<DataKey | undefined>
  /**
   * The data key, made when absent. `writes` must stand in the same unit as the first thing it seals; another
   * process that made it first turns the unit into a Conflict.
   */
  findOrCreate(id: string, now: number): Promise<{ key: DataKey; writes: Write[] }>
  /** Destroys the key: nothing that it sealed can be read again. */
  destroy(id: string): Write
  /** A new key in the place of the old one, which is destroyed. */
  replace(id: string, now: number): { key: DataKey; writes: Write[] }
  /** The writes that give a key another name, under which what it sealed opens from then on. */
  rename(id: string, to: string, now: number): Promise<Write[]>
  /** Forgets what is in memory, after a conflict or a deletion. */
  forget(id: string): void
  /** Wraps every data key with the first master key; gives how many were changed. */
  rewrap(): Promise<number>
}

const findKey = statement((db, p: { id: string }) =>
  db.selectFrom('data_keys').select('wrapped').where('id', '=', p.id),
)
const insertKey = statement((db, p: { id: string; wrapped: Uint8Array; created_at: number }) =>
  db
    .insertInto('data_keys')
    .values({ id: p.id, wrapped: p.wrapped, created_at: p.created_at })
    .onConflict(c => c.doNothing()),
)
const deleteKey = statement((db, p: { id: string }) => db.deleteFrom('data_keys').where('id', '=', p.id))
const listKeys: Statement<{ after: string }, { id: string; wrapped: Uint8Array }> = statement(
  (db, p: { after: string }) =>
    db.selectFrom('data_keys').select(['id', 'wrapped']).where('id', '>', p.after).orderBy('id').limit(1000),
)
const updateKey = statement((db, p: { id: string; wrapped: Uint8Array; old: Uint8Array }) =>
  db.updateTable('data_keys').set({ wrapped: p.wrapped }).where('id', '=', p.id).where('wrapped', '=', p.old),
)

function openDataKey(id: string, bytes: Buffer): DataKey {
  // A key object is prepared once; raw bytes would be prepared again for every text.
  const key = createSecretKey(bytes)
  return {
    id,
    seal: (plain, context) => encrypt(key, typeof plain === 'string' ? Buffer.from(plain) : plain, context),
    open: (sealed, context) => decrypt(key, sealed, context).toString(),
    openBytes: (sealed, context) => decrypt(key, sealed, context),
    mark(text) {
      const own = hkdfSync('sha256', key, '', 'mark', keyBytes)
      return createHmac('sha256', Buffer.from(own)).update(text).digest()
    },
  }
}

/** eight characters of the master key's id, then the wrapped key. */
function wrap(master: MasterKey, id: string, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(master.id), encrypt(master.key, bytes, id)])
}

/** `masters`: the keys of this moment; the one in use first, then older ones that may still have wrapped something. */
export function createVault(store: Store, masters: () => MasterKeys): Vault {
  const opened = new LRUCache<string, DataKey>({ max: keysInMemory })

  function unwrap(id: string, wrapped: Uint8Array): Buffer {
    const bytes = Buffer.from(wrapped)
    const name = bytes.subarray(0, 8).toString()
    const master = masters().find(m => m.id === name)
    if (!master)
      throw new KeyFailure(
        `the data keys were wrapped by master key ${name}, which is neither in GONGKAI_KEY nor in the key file`,
        '有的数据是用另一把主密钥加密的，现在的打不开。请把原来的那一把也加上：在 GONGKAI_KEY 里用逗号分开，在密钥文件里另起一行。',
      )
    return decrypt(master.key, bytes.subarray(8), id)
  }

  async function find(id: string): Promise<DataKey | undefined> {
    const known = opened.get(id)
    if (known) return known
    const row = await store.first(findKey, { id })
    if (!row) return undefined
    const key = openDataKey(id, unwrap(id, row.wrapped))
    opened.set(id, key)
    return key
  }

  function insert(id: string, bytes: Buffer, now: number): Write {
    return write(insertKey, { id, wrapped: wrap(masters()[0], id, bytes), created_at: now }, 1)
  }

  function create(id: string, now: number): { key: DataKey; writes: Write[] } {
    const bytes = randomBytes(keyBytes)
    return { key: openDataKey(id, bytes), writes: [insert(id, bytes, now)] }
  }

  async function rewrapPage(current: MasterKey, after: string): Promise<{ last?: string; changed: number }> {
    const page = await store.all(listKeys, { after })
    const stale = page.filter(row => Buffer.from(row.wrapped).subarray(0, 8).toString() !== current.id)
    if (stale.length > 0)
      await store.commit(
        stale.map(row =>
          write(updateKey, {
            id: row.id,
            old: row.wrapped,
            wrapped: wrap(current, row.id, unwrap(row.id, row.wrapped)),
          }),
        ),
      )
    const last = page.at(-1)?.id
    return last === undefined ? { changed: stale.length } : { last, changed: stale.length }
  }

  return {
    find,
    async findOrCreate(id, now) {
      const known = await find(id)
      return known ? { key: known, writes: [] } : create(id, now)
    },
    destroy: id => write(deleteKey, { id }),
    replace(id, now) {
      const { key, writes } = create(id, now)
      return { key, writes: [write(deleteKey, { id }, 1), ...writes] }
    },
    async rename(id, to, now) {
      const row = await store.first(findKey, { id })
      if (!row) throw new Error('a key to be renamed that is not there')
      return [write(deleteKey, { id }, 1), insert(to, unwrap(id, row.wrapped), now)]
    },
    forget: id => void opened.delete(id),
    async rewrap() {
      const [current] = masters()
      let changed = 0
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page = await rewrapPage(current, after)
        changed += page.changed
        after = page.last
      }
      return changed
    },
  }
}

// The master key's file beside the embedded data: one key a line in base64, the one in use first, mode 0600.

export type MasterKeys = readonly [MasterKey, ...MasterKey[]]

/** Parses one or more keys separated by blanks or commas. Undefined when any of them is not 32 bytes in base64. */
export function parseMasterKeys(text: string): MasterKeys | undefined {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseMasterKey)
  const [first, ...rest] = keys
  if (!first || rest.some(k => k === undefined)) return undefined
  return [first, ...(rest as MasterKey[])]
}

function writeKeys(file: string, lines: readonly string[], flag: 'w' | 'wx'): void {
  makeFolder(dirname(file))
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag })
  chmodSync(file, 0o600)
}

/**
 * The key file, made when it is not there, and read anew whenever another process has replaced it. Throws, now or
 * then, when it cannot be read as keys.
 */
export function openKeyFile(file: string): () => MasterKeys {
  let keys = readKeyFile(file)
  let read = ''
  return () => {
    const found = statSync(file, { throwIfNoEntry: false })
    const version = found ? `${found.ino} ${found.mtimeMs}` : read
    if (version !== read) keys = readKeyFile(file)
    read = version
    return keys
  }
}

function readKeyFile(file: string): MasterKeys {
  if (!existsSync(file)) {
    try {
      writeKeys(file, [createMasterKeyText()], 'wx')
    } catch (error) {
      // Another process made it in the meantime: its key is the key.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  const keys = parseMasterKeys(readFileSync(file, 'utf8'))
  if (!keys)
    throw new KeyFailure(
      `${file} holds no keys of 32 bytes in base64`,
      `${file} 里不是主密钥（每行一把，32字节的base64）。请放回另行保存的那一份。`,
    )
  return keys
}

/** Replaces the keys in the file at once: a crash leaves the old or the new content, never half. */
export function replaceKeyFile(file: string, keys: readonly MasterKey[]): void {
  writeKeys(
    `${file}.new`,
    keys.map(k => k.bytes.toString('base64')),
    'w',
  )
  renameSync(`${file}.new`, file)
}
