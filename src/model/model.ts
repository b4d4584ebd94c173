/** Questions to the model, and texts as vectors: masked on the way out, checked on the way in. */
import { z } from 'zod'
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import { maskPersonal } from '#base/personal'
import { cutText } from '#base/text'
import type { Deadline } from './deadline.ts'
import { createExchange, type Failed, failed } from './exchange.ts'
import { createShelf, type VectorCache, vectorsOf } from './vectors.ts'
import { createWire, WireFailure } from './wire.ts'

export interface Prompt extends Deadline {
  system: string
  /** An object goes as JSON. */
  user: string | object
  maxTokens: number
}
export type Completion = { ok: true; text: string } | Failed

export interface Embedding extends Deadline {
  texts: readonly string[]
  /** Looks in the cache first and remembers what is new: for what is public, never for what a citizen wrote. */
  keep?: boolean
}
/** One vector of length 1 a text, in the same order. */
export type Embedded = { ok: true; vectors: Float32Array[] } | Failed

/** Both resolve within the deadline and never reject. */
export interface Model {
  complete(prompt: Prompt): Promise<Completion>
  embed(embedding: Embedding): Promise<Embedded>
}

export interface ModelOptions {
  /** Up to and with `/v1`, where the server has it. */
  baseUrl: string
  /** Absent for a server that asks for none. */
  apiKey?: string | undefined
  model: string
  /** Absent: every text to embed is refused. */
  embeddingModel?: string | undefined
  clock: Clock
  log: Log
  /** A number in [0, 1) for jitter; absent: none. */
  random?: (() => number) | undefined
  /** Where the vectors of public texts are kept between starts; a Keyv fits. */
  cache?: VectorCache | undefined
}

/** The smallest limit among the servers in common use. */
const mostInBatch = 10
/** Of one text that is embedded, in characters; servers cut or refuse what is longer. */
const longestEmbedded = 2_000

/** In characters: whoever reads it on would take too long over more. */
const longestAnswer = 20_000

/** Talks to the server that the settings name. */
export function createModel(options: ModelOptions): Model {
  const { clock, log, model, embeddingModel, baseUrl, apiKey = 'none', random = () => 0 } = options
  const wire = createWire({ baseUrl, apiKey, now: () => clock.now() })
  const chat = createExchange({ clock, log, random })
  const embedding = createExchange({ clock, log, random })
  const shelf = createShelf({ log, cache: options.cache, name: `${baseUrl}\n${embeddingModel}` })

  async function embedBatch(model: string, input: string[], deadline: Deadline) {
    const body = { model, input, encoding_format: 'float' as const }
    return embedding(deadline, async signal => {
      const vectors = vectorsOf(await wire.embeddings(body, signal), input.length)
      if (!vectors) throw new WireFailure({ failure: 'broken' })
      return vectors
    })
  }

  return {
    async complete({ system, user, maxTokens, ...deadline }) {
      const body = {
        model,
        messages: [
          { role: 'system' as const, content: maskPersonal(system) },
          {
            role: 'user' as const,
            content: typeof user === 'string' ? maskPersonal(user) : maskedJson(user),
          },
        ],
        temperature: 0,
        // Servers other than OpenAI's own know this name and often no other.
        max_tokens: maxTokens,
      }
      const answer = await chat(deadline, async signal => textOf(await wire.chat(body, signal)))
      return answer.ok ? { ok: true, text: answer.value } : answer
    },

    async embed({ texts, keep = false, deadlineMs, signal }) {
      if (embeddingModel === undefined) return failed('refused')
      const end = clock.now() + deadlineMs
      const masked = texts.map(text => cutText(maskPersonal(text), longestEmbedded))
      const known = keep ? await shelf.find(masked) : new Map<string, Float32Array>()
      const missing = [...new Set(masked.filter(text => !known.has(text)))]
      for (let at = 0; at < missing.length; at += mostInBatch) {
        const batch = missing.slice(at, at + mostInBatch)
        const answer = await embedBatch(embeddingModel, batch, { deadlineMs: end - clock.now(), signal })
        if (!answer.ok) return answer
        for (const [i, text] of batch.entries()) known.set(text, answer.value[i] as Float32Array)
        if (keep) await shelf.put(batch, answer.value)
      }
      return { ok: true, vectors: masked.map(text => known.get(text) as Float32Array) }
    },
  }
}

/** Each text is masked before it is written as JSON, where an escape beside a number would hide it, and all after it. */
function maskedJson(value: object): string {
  return maskPersonal(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? maskPersonal(part) : part)),
  )
}

const chatAnswer = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
})

/** The text of a chat answer; throws where there is none, or where it was cut short. */
function textOf(body: unknown): string {
  const choice = chatAnswer.safeParse(body).data?.choices[0]
  const { finish_reason: end, message } = choice ?? {}
  if (end === 'content_filter' || message?.refusal) throw new WireFailure({ failure: 'refused' })
  const text = message?.content?.trim()
  if (!text || text.length > longestAnswer || end === 'length') throw new WireFailure({ failure: 'broken' })
  return text
}
