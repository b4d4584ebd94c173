/** The options of the desk's commands, each checked with a sentence that says what to write. */
import { z } from 'zod'
import { Refusal } from '#base/errors'

/** As a command line gives them: `--sent-on X` is `sentOn`. */
export type Given = Readonly<Record<string, unknown>>

/** A text that must be there. */
export const text = (flag: string, what: string) =>
  z.string(`请用 --${flag} 写明${what}`).trim().min(1, `请用 --${flag} 写明${what}`)

/** A text that may be absent. */
export const perhaps = (flag: string) => z.string(`--${flag} 后面要写内容`).trim().optional()

export const oneOf = <const T extends readonly [string, ...string[]]>(flag: string, values: T) =>
  z.enum(values, `--${flag} 只能是 ${values.join('、')}`)

export const whole = (flag: string, what: string) =>
  z
    .string(`请用 --${flag} 写明${what}`)
    .regex(/^\d{1,6}$/, `--${flag} 要写成数字，例如 10`)
    .transform(Number)

/** 2026-03-04=EMS123: the day, and the evidence of it. */
export const dispatch = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}=.+$/s, '--dispatch 要写成 日期=凭据，例如 2026-03-04=EMS1234567890')
  .transform(words => ({ on: words.slice(0, 10), evidence: words.slice(11).trim() }))
  .optional()

/** Checks what was given. Throws a Refusal that says all that is wrong with it. */
export function parseOptions<T>(shape: z.ZodType<T>, given: unknown): T {
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Refusal(
    'option',
    `${[...new Set(parsed.error.issues.map(i => i.message))].join('；')}。什么都没有改动。`,
  )
}
