/** What a reply must say about the ways to contest it: nothing without it is sent (行政复议法 2023 Art 20¶3, Art 22¶2). */
import { Refusal } from '#base/errors'
import { isLegalDate } from '#base/workdays'
import { type Disposition, type Outcome, outcomes } from './outcome.ts'

/** On this day 行政复议法 (2023) came into force, and with it reconsideration before a suit against withholding. */
const reconsiderationFirstSince = '2024-01-01'
/** 政府信息公开条例 (2019) came into force; replies of before are not served. */
const since = '2019-05-15'
/** Calendar days (行政复议法 Art 20¶1, before 2024 Art 9¶1). */
const reconsiderationDays = 60

/** Where a reply of this agency is contested. */
export interface Venue {
  /** The government of the same level (行政复议法 Art 24¶1), as 某某省人民政府. */
  organ: string
  /** Where an application for reconsideration is filed online (Art 22¶2); undefined: none is known. */
  url: string | undefined
}

export interface Remedy {
  /** As it stands in the letter. */
  text: string
  /** Whether reconsideration must come before a suit. */
  reconsiderationFirst: boolean
  reconsiderationDays: number
  /** Within what time one sues: fifteen days after a reconsideration, else six months (行政诉讼法 Arts 45, 46). */
  suitPeriod: '15日' | '6个月'
  organ: string
  url: string | null
}

/** The remedy that a reply of this day carries. Throws a Refusal for a day that is none or before the regulation. */
export function remedyOf(disposition: Disposition, on: string, { organ, url }: Venue): Remedy {
  if (!isLegalDate(on)) throw new Refusal('date', `没有 ${on} 这一天。日期请写成 2026-01-31 这样。`)
  if (on < since)
    throw new Refusal('date', `${on} 早于现行政府信息公开条例施行的 ${since}，不能出具这一天的救济告知。`)
  const { withheld }: Outcome = outcomes[disposition]
  const reconsiderationFirst = withheld && on >= reconsiderationFirstSince
  const online = url === undefined ? '' : `，也可以通过互联网提交复议申请：${url}`
  const apply = `自收到本答复之日起${reconsiderationDays}日内向${organ}申请行政复议${online}`
  const text = reconsiderationFirst
    ? `如对本答复不服，应当先申请行政复议：可以${apply}；对复议决定不服的，可以自收到复议决定书之日起15日内向人民法院提起行政诉讼。`
    : `如对本答复不服，可以${apply}；也可以自收到本答复之日起6个月内直接向人民法院提起行政诉讼。`
  return {
    text,
    reconsiderationFirst,
    reconsiderationDays,
    suitPeriod: reconsiderationFirst ? '15日' : '6个月',
    organ,
    url: url ?? null,
  }
}
