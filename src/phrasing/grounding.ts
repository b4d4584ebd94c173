/** Whether a phrased text says what its entries say and nothing else; what cannot be shown is not sent. */
import { mask } from '#base/personal'
import { cleanText, hasChinese, lengthOf } from '#base/text'
import { type Entry, laws } from '#knowledge'
import { type Clause, claimsOf, clausesOf, flatten, numberRuns, numberSigns } from './claims.ts'

/** A phrased sentence, and the ids of the entries on which it rests. */
export interface Sentence {
  text: string
  entries: readonly string[]
}

export const groundingFaults = [
  'length',
  'unquoted',
  'sign',
  'promise',
  'fact',
  'foreign word',
  'law',
  'office',
  'overlap',
  'sense',
] as const
export type GroundingFault = (typeof groundingFaults)[number]
const [mostSentences, longestSentence, longestText, longestQuestion] = [12, 160, 500, 200]
/**
 * The part of a sentence's pairs of characters that its entries must have, and of each clause's; the part of a
 * follow-up's that its rewriting must keep. Found by trying: every sentence of the project's own entries passes, and
 * so do most that say the same in other words.
 */
const leastOfSentence = 0.6
const leastOfClause = 0.4
const leastKept = 0.5

/** The sentences as one text, when each is grounded in the entries that it names; else undefined. */
export function ground(sentences: readonly Sentence[], entries: readonly Entry[]): string | undefined {
  if (faultOf(sentences, entries) !== undefined) return undefined
  return sentences.map(({ text }) => closed(cleanText(text))).join('')
}

const closed = (text: string) => (/[。！？：；]$/u.test(text) ? text : `${text.replace(/[，,.、]$/u, '')}。`)

/** The first reason not to send them. */
export function faultOf(
  sentences: readonly Sentence[],
  entries: readonly Entry[],
): GroundingFault | undefined {
  const total = sentences.reduce((sum, { text }) => sum + lengthOf(text), 0)
  if (sentences.length === 0 || sentences.length > mostSentences || total > longestText) return 'length'
  // Sentences mostly name the same entries, and reading those is most of the work.
  const sources = new Map<string, Source | undefined>()
  for (const { text, entries: ids } of sentences) {
    const key = ids.join('\n')
    if (!sources.has(key)) sources.set(key, sourceOf(ids, entries))
    const source = sources.get(key)
    if (source === undefined) return 'unquoted'
    const fault = faultOfSentence(cleanText(text), source)
    if (fault !== undefined) return fault
  }
}

/** What a follow-up is rewritten from. */
export interface Grounds {
  followUp: string
  /** What was asked before, and the title of what was answered. */
  before: string
}

/** The rewritten question, when it asks what was asked and brings nothing of its own; else undefined. */
export function groundQuestion(rewritten: string, { followUp, before }: Grounds): string | undefined {
  if (lengthOf(rewritten) > longestQuestion) return undefined
  const text = cleanText(rewritten)
  const clauses = clausesOf(flatten(text))
  const source = `${followUp}\n${before}`
  const kept = clausesOf(flatten(followUp)).flatMap(({ pairs }) => pairs)
  const sound =
    !text.includes('\n') &&
    hasChinese(text) &&
    holdsFacts(text, factsOf(source)) &&
    holdsFacts(followUp, factsOf(text)) &&
    holdsAll(wordsOf(flatten(text)), flatten(source).toLowerCase()) &&
    overlaps(clauses, pairsOf(clausesOf(flatten(source)))) &&
    (kept.length === 0 || shareOf(kept, pairsOf(clauses)) >= leastKept)
  return sound ? text : undefined
}

/** What an entry rests on, as it is quoted: 《社会保险法》第45条 */
export function citedBy({ sources }: Entry): string[] {
  return sources.map(({ law, article }) => `《${law}》${article === null ? '' : `第${article}条`}`)
}

/** What the named entries say, in the forms in which a sentence is compared with it. */
interface Source {
  flat: string
  facts: ReadonlySet<string>
  pairs: ReadonlySet<string>
  runs: Run[]
}

/** Undefined where none is named, or one that was not given. */
function sourceOf(ids: readonly string[], entries: readonly Entry[]): Source | undefined {
  const named = entries.filter(({ id }) => ids.includes(id))
  if (named.length === 0 || ids.some(id => named.every(entry => entry.id !== id))) return undefined
  // What people ask, the title too, is no statement: it only lends its words.
  const stated = named.flatMap(entry => [entry.answer, ...citedBy(entry)]).join('\n')
  const clauses = clausesOf(flatten(stated))
  const titles = flatten(named.map(({ title }) => title).join('\n'))
  return {
    flat: `${titles}。${flatten(stated)}`,
    facts: factsOf(stated),
    pairs: pairsOf([...clausesOf(titles), ...clauses]),
    runs: runsOf(clauses),
  }
}

function faultOfSentence(text: string, source: Source): GroundingFault | undefined {
  const flat = flatten(text)
  if (lengthOf(text) > longestSentence || !hasChinese(text)) return 'length'
  if ([...flat].some(sign => !usual.test(sign) && !source.flat.includes(sign))) return 'sign'
  if (promise.test(flat)) return 'promise'
  if (!holdsFacts(text, source.facts)) return 'fact'
  if (!holdsAll(wordsOf(flat), source.flat.toLowerCase())) return 'foreign word'
  if (laws.some(law => flat.includes(law.title) && !source.flat.includes(law.title))) return 'law'
  if (!holdsAll(flat.match(office) ?? [], source.flat)) return 'office'
  const clauses = clausesOf(flat)
  if (!overlaps(clauses, source.pairs)) return 'overlap'
  return clauses.every(clause => hasSense(clause, source.runs)) ? undefined : 'sense'
}

const holdsAll = (parts: readonly string[], source: string) => parts.every(part => source.includes(part))

/** Letters, numbers and the signs of plain text; whatever else is there must be the entry's own. */
const usual = /[\p{L}\p{M}\p{N},。;:!?、()《》〈〉〔〕“”‘’"'…—·.%‰/~+×=-]/u

/** Nobody can say how a case will end. */
const promise =
  /(?<!不)(?:一定|肯定|必然|必定|绝对|保证|稳|百分之百|100%|铁定|准|(?<![总分承])包)(?:能|会|可以|可|让|给|帮|为|您|你){0,4}(?:赢|胜|批准|获批|通过|成功|拿到|领到|领取|享受|获得|得到|报销|要到|要回|追回|讨回|认定|支持|受理|办成|办好|办下|赔|同意|没事)|[会将能](?:支持|批准|同意|通过|判)[您你]|[包必稳](?:赢|过|胜|成)(?!程)|(?:官司|仲裁|案子)[能会]赢|没有?问题|放心(?:吧|好了|就)/u

function factsOf(text: string): Set<string> {
  return new Set(claimsOf(text).flatMap(({ key, implied }) => [key, ...implied]))
}

function holdsFacts(text: string, known: ReadonlySet<string>): boolean {
  return !text.includes(mask) && claimsOf(text).every(({ key }) => known.has(key))
}

/** Words in other letters: addresses, accounts, whole sentences. */
function wordsOf(flat: string): string[] {
  const addresses = flat.match(/[a-z\d.-]+\.[a-z]{2,}[a-z\d/?&=#%._~-]*/giu) ?? []
  const words = flat.match(/(?:(?!\p{Script=Han})[\p{L}\p{M}])+/gu) ?? []
  return [...addresses, ...words].map(word => word.toLowerCase())
}

/** Whom to turn to: a wrong door costs a citizen a day. */
const office =
  /\p{Script=Han}[局厅]|法院|检察院|委员会|仲裁委|中心|大厅|窗口|银行|税务|工会|残联|妇联|公安|派出所|街道|社区|村委|居委|民政|医保|信访|监察|热线|小程序|公众号|网站|平台/gu

/** Whether the sentence is made of what its entries are made of, and so is each clause of it. */
function overlaps(clauses: readonly Clause[], known: ReadonlySet<string>): boolean {
  const some = clauses.map(({ pairs }) => pairs).filter(pairs => pairs.length > 0)
  const all = some.flat()
  if (all.length > 0 && shareOf(all, known) < leastOfSentence) return false
  return some.every(pairs => shareOf(pairs, known) >= leastOfClause)
}

const pairsOf = (clauses: readonly Clause[]): Set<string> => new Set(clauses.flatMap(({ pairs }) => pairs))

const shareOf = (pairs: readonly string[], known: ReadonlySet<string>): number =>
  pairs.filter(pair => known.has(pair)).length / pairs.length

/** Neighbouring clauses, as one. */
interface Run {
  count: number
  text: string
  pairs: ReadonlySet<string>
  facts: string[]
}

/** Every one, two and three neighbours. */
function runsOf(clauses: readonly Clause[]): Run[] {
  return clauses.flatMap((_, at) =>
    [1, 2, 3].map(count => {
      const run = clauses.slice(at, at + count)
      const text = run.map(clause => clause.text).join()
      return { count, text, pairs: pairsOf(run), facts: run.flatMap(({ facts }) => facts) }
    }),
  )
}

/** What says something without a pair of characters: it must be said in so many words. */
const verdict = /[能行要需应是对会有满到超不没未无否]|可以|\d/u
const bareOf = (text: string): string => text.replace(numberRuns, '').replace(/[是的每,]/gu, '')

/** Whether what the entry says most like this clause denies, limits and obliges as much as it does. */
function hasSense(clause: Clause, stated: readonly Run[]): boolean {
  const { text, pairs } = clause
  if (pairs.length === 0) return !verdict.test(text) || stated.some(run => bareOf(run.text) === bareOf(text))
  // Several in one: only where they hold clearly more of this clause than each of them by itself.
  const likeness = stated.map(run => pairs.filter(pair => run.pairs.has(pair)).length - 2 * (run.count - 1))
  const most = Math.max(...likeness)
  return stated.some((run, i) => likeness[i] === most && agree(clause, run))
}

/** Words with a negation in them that deny nothing, and limits, which are compared as such. */
const noDenial =
  /不得?(?:超过|高于|多于|低于|少于)|不[满足到]|未满|未超过|[无不]论|不[仅但管同过断动良幸]|差不多|除非|非[常全法]|[是能可]否|免[费得]|否则|未来|没错|(\p{Script=Han})[不没]\1/gu
/** Kinds of denial: forbidden; not needed; simply not so; each of the others by itself. */
const denials: readonly RegExp[] = [
  /不[予可得能宜准许]|禁止|勿|别|莫/gu,
  /不[必需用]|无[需须]|免/gu,
  /不(?![予可得能宜准许必需用])|没|未|无(?![需须])/gu,
  /拒/gu,
  /否/gu,
  /非/gu,
  /停止|除外/gu,
]
const limits: readonly RegExp[] = [
  /(?<!不得?|未)(?:低于|少于)|不足|[不未]满|不到|以下/u,
  /(?<!不得?|未)(?:超过|高于|多于)/u,
  /不得?(?:低于|少于)|至少|最少|最低(?!工资|标准|生活|缴费|一?档)|以上/u,
  /(?:不得?|未)(?:超过|高于|多于)|最[多长迟晚]|最高(?!人民)|至多|以内|之内/u,
  /之前|以前|[日月年]前/u,
  /之后|以后|[日月年]后/u,
]
/** A limit before or behind its number has been compared with it. */
const boundLimit = new RegExp(
  `(?:(?:[不未]得?(?:超过|[高低]于|[多少]于|满|足|到)|超过|[高低]于|[多少]于|至[少多]|最[多少长高低迟晚])[^,${numberSigns}]{0,20})?[${numberSigns}]+(?:个?工作日|个月|周岁|小时|[年月日天岁元倍人次周])?(?:以[上下内前后]|之[内前后]|[内前后])?`,
  'gu',
)
const noDuty = /要求|[主重首]要|需求|不必须|不一定|[相反供]应|应[付缴得]|[取获所值觉]得/gu
const duty = /必须|应当|应该|一定要|务必/u
const anyDuty = /[应须要需必得]/u

function agree(clause: Clause, near: Run): boolean {
  const [text, other] = [clause.text, near.text]
  const [said, stated] = [text.replace(noDenial, ''), other.replace(noDenial, '')]
  const [free, otherFree] = [text.replace(boundLimit, '·'), other.replace(boundLimit, '·')]
  return (
    denials.every(denial => said.match(denial)?.length === stated.match(denial)?.length) &&
    limits.every(limit => limit.test(free) === limit.test(otherFree)) &&
    clause.facts.every(fact => fits(fact, near.facts)) &&
    (!duty.test(text.replace(noDuty, '')) || anyDuty.test(other.replace(noDuty, '')))
  )
}

const bare = (fact: string) => fact.replace(/^[<≥>≤≈←→]/u, '')
const fits = (fact: string, stated: readonly string[]) =>
  stated.includes(fact) || !stated.some(one => bare(one) === bare(fact))
