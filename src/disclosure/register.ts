/** The register of requests: an existing one is taken over line by line, and the annual report is computed from it. */
import { createHash } from 'node:crypto'
import type { Clock } from '#base/clock'
import { Refusal, reasonOf } from '#base/errors'
import type { StaffDesk } from '#staff'
import { Conflict, type DataKey, type Vault, type Write } from '#storage'
import { canonical, endingOf, oddOf, parseRequest, type RequestRecord } from './request.ts'
import type { DisclosureStore } from './store.ts'

const batchSize = 200
const sealContext = 'request'
const keyNameOf = (ref: string) => `request|${ref}`

export interface Imported {
  stored: number
  /** Those that were there already with the same content. */
  known: number
}

export interface ImportProgress {
  /** So many lines were read in this pass. */
  read(lines: number, pass: 'checked' | 'stored'): void
  /** What is unusual on a line, and no reason to refuse it. */
  odd(line: number, remarks: readonly string[]): void
}

export interface Register {
  /**
   * Takes over a register: `open` gives its lines, and is called twice. A first pass checks every line, and throws a
   * Refusal with its number before anything is stored; the second stores in batches, and may be repeated after a crash.
   */
  importLines(
    open: () => AsyncIterable<string>,
    told: ImportProgress & { by: string; file: string },
  ): Promise<Imported>
}

export interface RegisterOptions {
  store: DisclosureStore
  vault: Vault
  staff: StaffDesk
  clock: Clock
}

const digestOf = (record: RequestRecord) =>
  createHash('sha256').update(canonical(record)).digest('base64').slice(0, 16)

/** The numbered lines that hold something. */
async function* numbered(lines: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }> {
  let line = 0
  for await (const text of lines) {
    line++
    if (text.trim() !== '') yield { line, text }
  }
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

interface Line {
  line: number
  record: RequestRecord
}

function parseLine({ line, text }: { line: number; text: string }): Line {
  try {
    return { line, record: parseRequest(text) }
  } catch (error) {
    throw new Refusal('line', `第${line}行：${reasonOf(error)}。什么都没有存，请改正后重试。`)
  }
}

const markOf = (key: DataKey, text: string) => key.mark(`imported|${text}`).toString('base64')

export function createRegister({ store, vault, staff, clock }: RegisterOptions): Register {
  /** Which of these are there already with the same content. Throws where the content is another one. */
  async function findKnown(batch: readonly Line[]): Promise<Set<string>> {
    const refs = batch.map(({ record }) => record.ref)
    const bodies = new Map((await store.listBodies(refs)).map(row => [row.ref, row]))
    const known = new Set(await store.listMerged(refs))
    for (const { line, record } of batch) {
      const row = bodies.get(record.ref)
      if (!row) continue
      const key = row.body.length > 0 ? await vault.find(keyNameOf(record.ref)) : undefined
      if (!key)
        throw new Refusal(
          'deleted',
          `第${line}行：编号 ${record.ref} 登记过，个人信息已经到期删除，不再登记。什么都没有存，请去掉这一行。`,
        )
      const text = canonical(record)
      // A line that was taken over before this version has no mark.
      const same =
        row.imported === null ? key.open(row.body, sealContext) === text : row.imported === markOf(key, text)
      if (!same)
        throw new Refusal(
          'ref',
          `第${line}行：编号 ${record.ref} 已经登记过，内容不同。什么都没有存，请核对编号或者内容。`,
        )
      known.add(record.ref)
    }
    return known
  }

  async function check(lines: AsyncIterable<string>, told: ImportProgress): Promise<void> {
    // A digest a line: the texts themselves are not kept.
    const seen = new Map<string, { line: number; digest: string }>()
    for await (const batch of inBatches(numbered(lines))) {
      const parsed = batch.map(parseLine)
      for (const { line, record } of parsed) {
        const digest = digestOf(record)
        const before = seen.get(record.ref)
        if (before && before.digest !== digest)
          throw new Refusal(
            'ref',
            `第${line}行：编号 ${record.ref} 与第${before.line}行相同，内容不同。什么都没有存，请核对。`,
          )
        seen.set(record.ref, { line: before?.line ?? line, digest })
        const remarks = oddOf(record)
        if (remarks.length > 0) told.odd(line, remarks)
      }
      await findKnown(parsed)
      told.read(parsed.at(-1)?.line ?? 0, 'checked')
    }
  }

  async function writesOf(record: RequestRecord): Promise<Write[]> {
    const now = clock.now()
    const { key, writes } = await vault.findOrCreate(keyNameOf(record.ref), now)
    const { ref, channel, receivedOn, applicant, reviews } = record
    const ending = endingOf(record)
    const text = canonical(record)
    const row = {
      ref,
      channel,
      received_on: receivedOn,
      applicant,
      body: key.seal(text, sealContext),
      imported: markOf(key, text),
      closed_on: ending?.on ?? null,
      disposition: ending?.disposition ?? null,
      created_at: now,
    }
    const reviewed = (reviews ?? []).map(({ kind, result, on }, position) => {
      return store.insertReview({ ref, position, kind, result, on_date: on ?? ending?.on ?? receivedOn })
    })
    return [...writes, store.insertRequest(row), ...reviewed]
  }

  async function storeBatch(batch: readonly Line[]): Promise<Imported> {
    const known = await findKnown(batch)
    const fresh = new Map(batch.filter(b => !known.has(b.record.ref)).map(b => [b.record.ref, b.record]))
    const writes: Write[] = []
    for (const record of fresh.values()) writes.push(...(await writesOf(record)))
    try {
      await store.commit(writes)
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      for (const ref of fresh.keys()) vault.forget(keyNameOf(ref))
      throw new Refusal('busy', '同时有别人在登记同样的申请。已经存下的不会重复，请再运行一次。')
    }
    return { stored: fresh.size, known: batch.length - fresh.size }
  }

  return {
    async importLines(open, told) {
      await check(open(), told)
      const imported: Imported = { stored: 0, known: 0 }
      for await (const batch of inBatches(numbered(open()))) {
        const { stored, known } = await storeBatch(batch.map(parseLine))
        imported.stored += stored
        imported.known += known
        told.read(batch.at(-1)?.line ?? 0, 'stored')
      }
      const detail = { file: told.file, ...imported }
      await staff.record({ by: told.by, act: 'disclosure.import', subject: told.file, detail }, [])
      return imported
    },
  }
}
