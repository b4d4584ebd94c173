/** A request for information as it stands in a register: read from a line, checked, with the day and way of its end. */
import { z } from 'zod'
import { Refusal } from '#base/errors'
import { isLegalDate } from '#base/workdays'
import {
  type ApplicantKind,
  applicants,
  type Disposition,
  dispositions,
  reviewKinds,
  reviewResults,
} from '#statute'

export const requestChannels = [
  'letter',
  'registered-post',
  'in-person',
  'internet',
  'fax',
  'wechat',
  'telegram',
  'web',
] as const
export type Applicant = ApplicantKind
const eventTypes = [
  'supplement-asked',
  'supplement-received',
  'consultation-sent',
  'consultation-ended',
  'extended',
  'withdrawn',
  'abandoned',
] as const

const date = (field: string) =>
  z.string(`${field} 要写成日期`).refine(isLegalDate, {
    error: ({ input }) => `${field}：没有 ${String(input)} 这一天，日期写成 2026-01-31 这样`,
  })
const oneOf = <const T extends readonly string[]>(values: T, field: string) =>
  z.enum(values, {
    error: ({ input }) => `${field} 不能是 ${JSON.stringify(input)}，只能是 ${values.join('、')}`,
  })
const text = (field: string) => z.string(`${field} 要写成文字`)

const shape = z.object(
  {
    ref: text('ref').trim().min(1, '缺少 ref').max(100, 'ref 太长'),
    channel: oneOf(requestChannels, 'channel'),
    receivedOn: date('receivedOn'),
    applicant: oneOf(applicants, 'applicant'),
    name: text('name').nullish(),
    description: text('description').nullish(),
    events: z
      .array(
        z.object({
          type: oneOf(eventTypes, 'events 的 type'),
          on: date('events 的 on'),
          party: text('party').nullish(),
          kind: oneOf(['third-party', 'co-author'], 'kind').nullish(),
          days: z.int('days 要写成整数').min(0).max(20, '延长不得超过20个工作日（第三十三条）').nullish(),
        }),
        'events 要写成列表',
      )
      .nullish(),
    repliedOn: date('repliedOn').nullish(),
    disposition: oneOf(dispositions as [Disposition, ...Disposition[]], 'disposition').nullish(),
    reviews: z
      .array(
        z.object({
          kind: oneOf(reviewKinds, 'reviews 的 kind'),
          result: oneOf(reviewResults, 'reviews 的 result'),
          on: date('reviews 的 on').nullish(),
        }),
        'reviews 要写成列表',
      )
      .nullish(),
  },
  '这一行不是 {"ref","channel","receivedOn",…}',
)

/** Of a register, with personal data in `name`, `description` and the parties of `events`. */
export type RequestRecord = z.infer<typeof shape>

/** How a request ended; undefined while it is open. */
export interface Ending {
  on: string
  disposition: Disposition
}

/** Reads one line of a register. Throws a Refusal that says what is wrong with it. */
export function parseRequest(line: string): RequestRecord {
  const parsed = shape.safeParse(parseJson(line))
  if (!parsed.success)
    throw new Refusal('request', [...new Set(parsed.error.issues.map(i => i.message))].join('；'))
  const { receivedOn, repliedOn, disposition } = parsed.data
  if ((repliedOn == null) !== (disposition == null))
    throw new Refusal(
      'request',
      `${repliedOn == null ? '有 disposition 没有 repliedOn' : '有 repliedOn 没有 disposition'}，两个要一起写`,
    )
  if (repliedOn != null && repliedOn < receivedOn)
    throw new Refusal('request', `答复在 ${repliedOn}，比收到的 ${receivedOn} 还早`)
  return parsed.data
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** A reply ends a request; else its withdrawal does, which the report has no row of its own for. */
export function endingOf({ repliedOn, disposition, events }: RequestRecord): Ending | undefined {
  if (repliedOn != null && disposition != null) return { on: repliedOn, disposition }
  const withdrawn = events?.find(event => event.type === 'withdrawn')
  return withdrawn && { on: withdrawn.on, disposition: 'other' }
}

/** What is unusual and no reason to refuse it. */
export function oddOf({ receivedOn, events, reviews, disposition }: RequestRecord): string[] {
  const early = (events ?? [])
    .filter(event => event.on < receivedOn)
    .map(e => `${e.type} 在收到之前（${e.on}）`)
  const late = disposition === 'other_no_supplement' && !events?.some(e => e.type === 'supplement-asked')
  const odd = (reviews ?? [])
    .filter(r => r.on != null && r.on < receivedOn)
    .map(r => `${r.kind} 在收到之前（${r.on}）`)
  return [...early, ...(late ? ['逾期不补正，却没有要求补正的记录'] : []), ...odd]
}

/** The same record in the same words, whatever the order of its fields. */
export const canonical = (record: RequestRecord): string => JSON.stringify(shape.parse(record))
