/** Questions answered from the entries: the answer, a choice of near ones, or an honest "I do not know". */

import { mask } from '#base/personal'
import { type Entry, isCurrent } from '#knowledge'
import {
  calibrationFor,
  comparable,
  confidencesOf,
  createHomophones,
  createRanker,
  type Homophones,
  simplify,
} from '#retrieval'
import { findRisk, maskRisky, type Risk } from './risk.ts'

export const outcomes = ['answered', 'offered', 'refused', 'handover', 'guarded'] as const
export type Outcome = (typeof outcomes)[number]

export interface Candidate {
  id: string
  /** The calibrated probability that this entry answers the question, 0–1. */
  confidence: number
}

export interface Answer {
  outcome: Outcome
  /** Why the message was not taken as a question; present when the outcome is `guarded`. */
  risk?: Risk
  /**
   * The entry that answers; present when the outcome is `answered`, and when it is `guarded` for personal data and the
   * rest of the message was a question that has an answer.
   */
  entry?: Entry
  /** That of the best candidate; 0 when there is none. */
  confidence: number
  /** At most four entries to choose from; filled when the outcome is `offered`. */
  offers: Entry[]
  /** The nearest, best first, whatever the outcome. */
  candidates: Candidate[]
}

export interface Thresholds {
  /** From this confidence on the best entry is the answer. */
  answer: number
  /** From this confidence on near entries are offered; below it the answer is "I do not know". */
  offer: number
}

export interface Answering {
  /** `most`: how many candidates to name, 4 when absent. */
  answer(text: string, most?: number): Answer
  /** The entry of this id, while it may be quoted. */
  find(id: string): Entry | undefined
}

export interface AnsweringOptions {
  entries: readonly Entry[]
  /** YYYY-MM-DD; entries that have expired, or are not yet in effect, are left out. */
  today: string
  thresholds?: Thresholds
}

/** Chosen on the tuning half of the project's questions (bench/retrieval/thresholds.ts), confirmed on the other. */
export const defaultThresholds: Thresholds = { answer: 0.8, offer: 0.52 }

const mostOffers = 4
/** What the words of the entry itself, typed as they stand, are worth. */
const certainty = 0.99
/** A message is a question, not a book: what lies beyond this many characters is not compared. */
const longest = 1000

export function createAnswering({
  entries,
  today,
  thresholds = defaultThresholds,
}: AnsweringOptions): Answering {
  const current = entries.filter(entry => isCurrent(entry, today))
  const byId = new Map(current.map(entry => [entry.id, entry]))
  const byWording = indexWordings(current)
  const ranker = createRanker(current)
  const calibration = calibrationFor(current)
  let homophones: Homophones | undefined

  function answer(text: string, most = mostOffers): Answer {
    const question = simplify(text.slice(0, longest))
    const same = byWording.get(comparable(question)) ?? []
    const risk = findRisk(question)
    if (risk !== undefined && (same.length === 0 || risk === 'danger')) return guard(risk, question)
    return judgeMended(question, most)
  }

  /** What else the message asks is answered where nothing but personal data stood against it. */
  function guard(risk: Risk, question: string): Answer {
    const guarded: Answer = { outcome: 'guarded', risk, confidence: 0, offers: [], candidates: [] }
    if (risk !== 'personal-data') return guarded
    const rest = maskRisky(question).replaceAll(mask, ' ')
    const { outcome, entry, confidence, candidates } = findRisk(rest) ? guarded : judge(rest, [], mostOffers)
    return outcome === 'answered' && entry ? { ...guarded, entry, confidence, candidates } : guarded
  }

  function judge(question: string, same: readonly Entry[], most: number): Answer {
    const ranking = ranker.rank(question, most)
    const confidences = confidencesOf(ranking, calibration)
    const found = ranking.ranked.map(({ index }, place): Candidate => {
      return { id: (current[index] as Entry).id, confidence: confidences[place] as number }
    })
    if (same.length === 1) return decide(preferSame(same, found).slice(0, most))
    if (same.length > 1) return offer(preferSame(same, found).slice(0, most))
    const beyond = beyondRemit(question, byId.get(found[0]?.id ?? ''))
    return beyond ? { outcome: beyond, confidence: 0, offers: [], candidates: found } : decide(found)
  }

  /** What is not understood as it stands may have been typed by its sound. */
  function judgeMended(question: string, most: number): Answer {
    const plain = judge(question, byWording.get(comparable(question)) ?? [], most)
    if (plain.outcome !== 'refused' && plain.outcome !== 'offered') return plain
    homophones ??= createHomophones(current.flatMap(entry => [entry.title, ...entry.questions]))
    const mended = homophones.mend(question)
    const again = mended === undefined ? plain : judge(mended, byWording.get(comparable(mended)) ?? [], most)
    return again.confidence > plain.confidence ? again : plain
  }

  function offer(candidates: Candidate[]): Answer {
    const offers = candidates.slice(0, mostOffers).flatMap(({ id }) => byId.get(id) ?? [])
    return { outcome: 'offered', confidence: candidates[0]?.confidence ?? 0, offers, candidates }
  }

  function decide(candidates: Candidate[]): Answer {
    const confidence = candidates[0]?.confidence ?? 0
    const entry = byId.get(candidates[0]?.id ?? '')
    if (entry === undefined || confidence < thresholds.offer)
      return { outcome: 'refused', confidence, offers: [], candidates }
    if (confidence < thresholds.answer) return offer(candidates)
    return { outcome: 'answered', entry, confidence, offers: [], candidates }
  }

  return { answer, find: id => byId.get(id) }
}

/** Which entries are asked for in exactly these words. */
function indexWordings(entries: readonly Entry[]): Map<string, Entry[]> {
  const wordings = new Map<string, Entry[]>()
  for (const entry of entries) {
    for (const key of new Set([entry.title, ...entry.questions].map(comparable))) {
      if (key === '') continue
      wordings.set(key, [...(wordings.get(key) ?? []), entry])
    }
  }
  return wordings
}

/** The entries asked for in so many words come first; where they are several, each is as likely. */
function preferSame(same: readonly Entry[], found: readonly Candidate[]): Candidate[] {
  const ids = new Set(same.map(entry => entry.id))
  const first = same.map(({ id }) => ({ id, confidence: certainty / same.length }))
  const rest = found.filter(({ id }) => !ids.has(id))
  const ceiling = first[0]?.confidence ?? 1
  return [...first, ...rest.map(c => ({ ...c, confidence: Math.min(c.confidence, ceiling) }))]
}

const places =
  '北京|天津|上海|重庆|河北|山西|内蒙|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|' +
  '石家庄|唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|衡水|太原|大同|长治|晋城|晋中|运城|临汾|呼和浩特|包头|赤峰|鄂尔多斯|沈阳|大连|鞍山|抚顺|丹东|锦州|营口|长春|哈尔滨|齐齐哈尔|大庆|' +
  '南京|无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|合肥|芜湖|蚌埠|马鞍山|安庆|阜阳|福州|厦门|莆田|泉州|漳州|龙岩|宁德|南昌|九江|赣州|上饶|' +
  '济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|莱芜|临沂|德州|聊城|滨州|菏泽|郑州|开封|洛阳|平顶山|安阳|新乡|许昌|南阳|商丘|信阳|周口|驻马店|武汉|宜昌|襄阳|荆州|长沙|株洲|湘潭|衡阳|岳阳|常德|' +
  '广州|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|东莞|中山|南宁|柳州|桂林|海口|三亚|成都|绵阳|宜宾|泸州|南充|贵阳|遵义|昆明|曲靖|大理|拉萨|西安|咸阳|宝鸡|延安|兰州|天水|西宁|银川|乌鲁木齐|' +
  '本市|本省|我市|我省|我县|本区|咱市|咱省|咱县|省里|市里|省直|市直'
const localFact =
  '多少(钱|元|块|万)|(是|给|发|涨|补)(了|到)?多少|百分之几|几(块|路|号)|哪[天几]|哪些(医院|地方|单位)|在哪|地址|电话|局长|(今年|现在|具体).*标准|基数|上下限'
const local = new RegExp(`(${places}).*?(?:${localFact})|(?:${localFact}).*?(${places})`, 'u')

// Whoever belongs to a firm or a people abroad may well ask about the rules here.
const abroad =
  /日本|韩国|朝鲜|美国|加拿大|墨西哥|巴西|英国|法国|德国|意大利|西班牙|荷兰|瑞士|瑞典|挪威|俄罗斯|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|印度|菲律宾|柬埔寨|迪拜/u
const fromAbroad = /[国洲坡亚]人|籍|护照|华侨|回国|国内|中国|公司|企业|单位|老板|派/u

/**
 * What no national rule can tell: a figure, a date or an address of one place is its office's to give; the rules of
 * another country are nobody's here. Unless the nearest entry speaks of that very place.
 */
function beyondRemit(text: string, nearest: Entry | undefined): 'handover' | 'refused' | undefined {
  const tellsOf = (place: string) =>
    nearest !== undefined &&
    [nearest.title, nearest.answer, ...nearest.questions].some(t => t.includes(place))
  const [, before, after] = local.exec(text) ?? []
  const place = before ?? after
  if (place !== undefined && !tellsOf(place)) return 'handover'
  const country = abroad.exec(text)?.[0]
  return country !== undefined && !fromAbroad.test(text) && !tellsOf(country) ? 'refused' : undefined
}
