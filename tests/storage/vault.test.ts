import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  Conflict,
  createMasterKeyText,
  createVault,
  openKeyFile,
  parseMasterKey,
  parseMasterKeys,
  replaceKeyFile,
  type Store,
} from '#storage'
import { databases, type TestDatabase, temporaryFolder } from './databases.ts'

function masterKey() {
  const key = parseMasterKey(createMasterKeyText())
  if (!key) throw new Error('no key')
  return key
}

/** One key, the same whenever it is asked for. */
function heldKey() {
  const key = masterKey()
  return () => [key] as const
}

describe.each(databases)('the vault on $name', ({ make }) => {
  let database: TestDatabase
  let store: Store
  beforeEach(async () => {
    database = await make()
    store = await database.open()
  })
  afterEach(async () => {
    await store.close()
    await database.remove()
  })

  it('opens what it sealed, also in another process with the same master key', async () => {
    const master = masterKey()
    const { key, writes } = await createVault(store, () => [master]).findOrCreate('person', 1)
    await store.commit(writes)
    const sealed = key.seal('身份证 370102199001011234', 'field')
    const elsewhere = await createVault(store, () => [master]).find('person')
    expect(elsewhere?.open(sealed, 'field')).toBe('身份证 370102199001011234')
  })

  it('seals so that neither the text nor its repetition shows', async () => {
    const { key } = await createVault(store, heldKey()).findOrCreate('person', 1)
    const sealed = key.seal('张三', 'field')
    expect(sealed.includes(Buffer.from('张三'))).toBe(false)
    expect(key.seal('张三', 'field').equals(sealed)).toBe(false)
  })

  it('refuses bytes that were changed, cut, or moved to another place', async () => {
    const { key } = await createVault(store, heldKey()).findOrCreate('person', 1)
    const sealed = key.seal('张三', 'field')
    const changed = Buffer.from(sealed)
    changed[20] = (changed[20] ?? 0) ^ 1
    expect(() => key.open(changed, 'field')).toThrow()
    expect(() => key.open(sealed.subarray(0, 10), 'field')).toThrow()
    expect(() => key.open(sealed, 'another field')).toThrow()
  })

  it('makes one key when two processes want the first at once', async () => {
    const master = masterKey()
    const [one, two] = [createVault(store, () => [master]), createVault(store, () => [master])]
    const [a, b] = await Promise.all([one.findOrCreate('person', 1), two.findOrCreate('person', 1)])
    await store.commit(a.writes)
    await expect(store.commit(b.writes)).rejects.toBeInstanceOf(Conflict)
    const found = await two.findOrCreate('person', 1)
    expect(found.key.open(a.key.seal('same', 'x'), 'x')).toBe('same')
  })

  it('re-wraps every key under a new master key without touching what is sealed', async () => {
    const [old, fresh] = [masterKey(), masterKey()]
    const before = createVault(store, () => [old])
    const { key, writes } = await before.findOrCreate('person', 1)
    await store.commit(writes)
    const sealed = key.seal('text', 'x')
    expect(await createVault(store, () => [fresh, old]).rewrap()).toBe(1)
    expect((await createVault(store, () => [fresh]).find('person'))?.open(sealed, 'x')).toBe('text')
    await expect(createVault(store, () => [old]).find('person')).rejects.toThrow(/GONGKAI_KEY/)
  })

  it('cannot read anything any more once the key is destroyed', async () => {
    const vault = createVault(store, heldKey())
    const { writes } = await vault.findOrCreate('person', 1)
    await store.commit(writes)
    vault.forget('person')
    await store.commit([vault.destroy('person')])
    expect(await vault.find('person')).toBeUndefined()
  })

  it('puts a new key in the place of the old one, which opens nothing any more', async () => {
    const master = heldKey()
    const vault = createVault(store, master)
    const { key, writes } = await vault.findOrCreate('person', 1)
    await store.commit(writes)
    const sealed = key.seal('text', 'x')
    await store.commit(vault.replace('person', 2).writes)
    const found = await createVault(store, master).find('person')
    expect(() => found?.open(sealed, 'x')).toThrow()
    expect(found).toBeDefined()
  })

  it('gives a key another name, under which it opens what it sealed', async () => {
    const master = heldKey()
    const vault = createVault(store, master)
    const { key, writes } = await vault.findOrCreate('old', 1)
    await store.commit(writes)
    const sealed = key.seal('text', 'x')
    await store.commit(await vault.rename('old', 'new', 2))
    const later = createVault(store, master)
    expect((await later.find('new'))?.open(sealed, 'x')).toBe('text')
    expect(await later.find('old')).toBeUndefined()
  })
})

describe('the key file', () => {
  it('is made once, with mode 0600, and read back the same', () => {
    const folder = temporaryFolder()
    const file = join(folder.path, 'data', 'master.key')
    const [made] = openKeyFile(file)()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(openKeyFile(file)()[0].id).toBe(made.id)
    folder.remove()
  })

  it('holds an older key beside the new one while they are replaced', () => {
    const folder = temporaryFolder()
    const file = join(folder.path, 'master.key')
    const masters = openKeyFile(file)
    const [old] = masters()
    replaceKeyFile(file, [masterKey(), old])
    expect(masters().map(k => k.id)[1]).toBe(old.id)
    folder.remove()
  })

  it('refuses a file that holds no key', () => {
    const folder = temporaryFolder()
    const file = join(folder.path, 'master.key')
    writeFileSync(file, 'not a key\n')
    expect(() => openKeyFile(file)).toThrow(/32/)
    expect(parseMasterKeys('c2hvcnQ=')).toBeUndefined()
    folder.remove()
  })
})
