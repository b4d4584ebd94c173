/** Vectors of texts: read from an answer, and kept in a cache under the hash of their text. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Log } from '#base/log'

/** What may be lost, with a time to live; a Keyv fits. */
export interface VectorCache {
  get(key: string): Promise<unknown>
  set(key: string, value: string, ttlMs: number): Promise<unknown>
}

const answer = z.object({
  data: z.array(z.object({ index: z.number(), embedding: z.array(z.number()).min(1) })),
})

/** The vectors of an answer in the order of the texts; undefined unless there is a proper one for each. */
export function vectorsOf(body: unknown, count: number): Float32Array[] | undefined {
  const { data } = answer.safeParse(body).data ?? {}
  if (data?.length !== count) return undefined
  const vectors = Array.from({ length: count }, (_, index) =>
    unitOf(Float32Array.from(data.find(one => one.index === index)?.embedding ?? [])),
  )
  const length = vectors[0]?.length
  return vectors.every(v => v !== undefined && v.length === length) ? (vectors as Float32Array[]) : undefined
}

/** The same direction at length 1; undefined where there is none. */
function unitOf(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(dotOf(vector, vector))
  return length > 0 && Number.isFinite(length) ? vector.map(part => part / length) : undefined
}

export function dotOf(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

export interface Shelf {
  /** Those that are there, by text. */
  find(texts: readonly string[]): Promise<Map<string, Float32Array>>
  put(texts: readonly string[], vectors: readonly Float32Array[]): Promise<void>
}

export interface ShelfOptions {
  log: Log
  /** Absent: nothing is kept. */
  cache: VectorCache | undefined
  /** Of the model: another one has other vectors. */
  name: string
}

const keptMs = 90 * 24 * 3_600_000

export function createShelf({ log, cache, name }: ShelfOptions): Shelf {
  const keyOf = (text: string) => createHash('sha256').update(`${name}\n${text}`).digest('hex')
  const complain = (error: unknown) => void log.error('model.vectors-lost', error)
  return {
    async find(texts) {
      const found = new Map<string, Float32Array>()
      if (!cache) return found
      for (const text of texts) {
        const vector = parseVector(await cache.get(keyOf(text)).catch(complain))
        if (vector) found.set(text, vector)
      }
      return found
    },
    async put(texts, vectors) {
      if (!cache) return
      for (const [i, text] of texts.entries())
        await cache.set(keyOf(text), formatVector(vectors[i] as Float32Array), keptMs).catch(complain)
    },
  }
}

function formatVector({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function parseVector(value: unknown): Float32Array | undefined {
  if (typeof value !== 'string') return undefined
  // A copy of its own: the bytes of a Buffer may begin anywhere.
  const bytes = Uint8Array.from(Buffer.from(value, 'base64'))
  if (bytes.byteLength % 4 !== 0) return undefined
  return unitOf(new Float32Array(bytes.buffer))
}
