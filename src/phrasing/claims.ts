/** What of a text can be checked piece by piece: numbers with their units and limits, dates, laws, documents, clauses. */

/** One fact, as a key that is the same however it was written. */
export interface Claim {
  key: string
  /** What somebody who reads it may say as well: of 2024年5月1日 also 2024年5月. */
  implied: string[]
}

const digits: Record<string, number> = Object.fromEntries(
  [...'零一二三四五六七八九'].map((character, value) => [character, value]),
)
/** Other ways to write them: in years, in sums of money, in front of measure words, in short. */
const variants: Record<string, string> = {
  ...Object.fromEntries([...'〇壹贰叁肆伍陆柒捌玖'].map((c, i) => [c, '零一二三四五六七八九'[i] ?? ''])),
  ...{ 两: '二', 俩: '二', 拾: '十', 佰: '百', 仟: '千', 萬: '万', 億: '亿', 貳: '二', 兩: '二' },
  ...{ 廿: '二十', 卅: '三十', 双倍: '二倍' },
}
const variant = new RegExp(Object.keys(variants).toReversed().join('|'), 'gu')
const scales: Record<string, number> = { 十: 10, 百: 100, 千: 1000, 万: 10_000, 亿: 100_000_000 }

/** Words with a numeral in them that count nothing. */
const idle =
  /一(?:般|定|些|起|样|并|律|旦|直|切|致|方|边|面|经|体化?|同|时|共|概|道|再|向|贯|次性|站式|网通办|下)|(?<!分)之一|[统唯同任逐单专万]一|第一时间|进一步|十分(?!钟)|百姓|千万别|一个(?!月|工作日|自然日|季度|小时|百分点)|三方|双方|二者|零[工星售散活]|[五六三]险一?金?|四川|三亚/gu

/** Full-width signs, blanks, and other ways to write a numeral, all made one; a line end ends a clause. */
export function flatten(text: string): string {
  return text
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
    .normalize('NFKC')
    .replace(/[\r\n]+/g, '。')
    .replace(/\s+/g, '')
    .replace(variant, found => variants[found] ?? found)
}

const numerals = '零一二三四五六七八九十百千万亿'
const plain = `(?:\\d+(?:\\.\\d+)?[十百千万亿]*|[${numerals}]+(?:点[零一二三四五六七八九]+)?|半(?=[年天月日个小])|(?<=[年月天时])半)`
const units =
  '个?工作日|个?自然日|日历日|个月|周年|周岁|年度|季度|小时|分钟|个?百分点|平方米|公里|公斤|星期|[年月日天周岁号元角倍次人名位条款项章类种级档份张件个家户处笔批期成时点步遍页届折吨米]'
const unitNames: Record<string, string> = { 天: '日', 自然日: '日', 日历日: '日', 星期: '周', 点: '时' }

/** What stands before a number and sets it as a limit; `near` only counts when nothing is between. */
const before: readonly { limit: string; far?: RegExp; near?: RegExp }[] = [
  { limit: '<', far: /(?<![不未得])(?:低于|少于)|不到|未达到/g, near: /(?:不满|未满|不足)$/ },
  {
    limit: '≥',
    far: /不得?(?:低于|少于)|至少|最少|最低(?!工资|标准|生活|缴费|一?档)|起码|(?<!未)达到/g,
    near: /(?<![不未])(?:满|达)$/,
  },
  { limit: '>', far: /(?<![不未得])(?:超过|高于|多于)/g, near: /(?<!超)超$/ },
  { limit: '≤', far: /(?:不得?|未)(?:超过|高于|多于)|最[多长大迟晚]|最高(?!人民)|至多/g },
  { limit: '≈', far: /大约|大概|左右/g, near: /[约近]$/ },
]
const after: readonly [string, RegExp][] = [
  ['≥', /^(?:及|或者?)?以上/],
  ['≤', /^(?:及|或者?)?(?:以[下内]|之内|内)/],
  ['≈', /^(?:左右|上下|多|余|来)/],
  ['←', /^(?:以?前|之前)/],
  ['→', /^(?:以?后|之后)/],
]
/** A limit this many characters before its number no longer belongs to it. */
const limitReach = 20

/** Every fact of the text, in the order in which it stands there, sorted by kind. */
export function claimsOf(text: string): Claim[] {
  const flat = flatten(text)
  const titled = titlesOf(flat)
  const documents = takeOut(flat.replace(idle, '·'), documentNumber, ([, name = '', year, number]) =>
    claim(`${name.slice(-2)}〔${year}〕${number}号`),
  )
  const days = takeOut(documents.rest, date, claimOfDate)
  const short = takeOut(days.rest, monthDay, ([, month, day]) => claim(`${numberOf(month)}-${numberOf(day)}`))
  const found = numbersOf(short.rest)
  return [...titled, ...documents.claims, ...days.claims, ...short.claims, ...found]
}

/** A part of a sentence, as far as it can be compared with another. */
export interface Clause {
  text: string
  /** The pairs of neighbouring characters of its words, numbers and little words left out. */
  pairs: string[]
  /** The keys of its claims. */
  facts: string[]
}

/** Little words, which every text has. */
const little =
  /[的了和与及或在是为对等由到把被将也都就还而但如若请您你我们这那其该此向从自并且按以呢吗吧啊嘛]|如果|因为|所以|进行|有关|相关|根据|依据|通过|关于|可以|需要/u
/** What numbers are written with, as part of a regular expression; and a run of it. */
export const numberSigns = '\\d.%‰零一二三四五六七八九十百千万亿'
export const numberRuns = new RegExp(`[${numberSigns}]+`, 'gu')

/** The clauses of a flattened text. */
export function clausesOf(flat: string): Clause[] {
  return flat.split(/[,。;:!?()—…-]/u).flatMap(text => {
    const runs = text
      .replace(numberRuns, '·')
      .split(little)
      .flatMap(part => part.match(/\p{Script=Han}+/gu) ?? [])
    const pairs = runs.flatMap(run => Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2)))
    return text === '' ? [] : [{ text, pairs, facts: claimsOf(text).map(({ key }) => key) }]
  })
}

const claim = (key: string, ...implied: string[]): Claim => ({ key, implied })

interface TakenOut {
  claims: Claim[]
  /** The text without what was found. */
  rest: string
}

function takeOut(text: string, pattern: RegExp, read: (match: RegExpExecArray) => Claim): TakenOut {
  const claims = [...text.matchAll(pattern)].map(match => read(match))
  return { claims, rest: text.replace(pattern, '·') }
}

const article = `第${plain}条`
const title = /《([^《》]{1,80})》/gu
const titleWithArticles = new RegExp(
  `《([^《》]{1,80})》(?:[(（][^()（）]{0,20}[)）])?((?:${article}(?:第${plain}[款项])*[、和及与,]*)+)`,
  'gu',
)

/** Titles of laws and documents, and each article that is named right after one. */
function titlesOf(text: string): Claim[] {
  const short = (name: string) => name.replace(/^中华人民共和国/, '')
  const titles = [...text.matchAll(title)].map(([, name = '']) => claim(`《${short(name)}》`))
  const articles = [...text.matchAll(titleWithArticles)].flatMap(([, name = '', list = '']) =>
    [...list.matchAll(new RegExp(`第(${plain})条`, 'gu'))].map(([, number]) =>
      claim(`《${short(name)}》第${numberOf(number)}条`),
    ),
  )
  return [...titles, ...articles]
}

const documentNumber = /(\p{Script=Han}{0,12})[〔[(【]((?:19|20)\d\d)[〕\])】]第?(\d+)号/gu
const year = `\\d{4}|[${numerals}]{4}`
const date = new RegExp(
  `(${year})年(${plain})月(?:(${plain})[日号])?|(?<!\\d)(\\d{4})[-/.](\\d\\d?)[-/.](\\d\\d?)(?!\\d)`,
  'gu',
)
const monthDay = new RegExp(`(${plain})月(${plain})[日号]`, 'gu')

function claimOfDate([, ...parts]: RegExpExecArray): Claim {
  const [y, m, d] = parts.filter(part => part !== undefined).map(numberOf)
  const wider = [`${y}-${m}`, `${y}年`, `n:${y}`, `${m}月`]
  return d === undefined ? claim(`${y}-${m}`, ...wider) : claim(`${y}-${m}-${d}`, ...wider, `${m}-${d}`)
}

const range = `(?:(${plain})(?:%|‰)?(?:至|到|-|~|—+|或者?|、))?`
const number = new RegExp(`(第)?(?:(${plain})分之)?${range}(${plain})([多余来])?(%|‰|${units})?`, 'gu')

/** Numbers with their units and limits; of a range both ends. */
function numbersOf(text: string): Claim[] {
  let past = 0
  return [...text.matchAll(number)].flatMap(match => {
    const [whole, ordinal = '', over, from, to, more, unit = ''] = match
    const end = match.index + whole.length
    const limit = more ? '≈' : limitOf(text.slice(past, match.index), text.slice(end, end + 4))
    past = end
    return [from, to].flatMap(value => {
      if (value === undefined) return []
      const size = measured(numberOf(value), over, unit)
      const bare = `${limit}${ordinal}n:${numberOf(value)}`
      return size === undefined ? claim(bare) : claim(`${limit}${ordinal}${size}`, bare)
    })
  })
}

/** A number with its unit under one name; undefined where it has none. */
function measured(value: string, over: string | undefined, unit: string): string | undefined {
  const parts = over === undefined ? undefined : Number(numberOf(over))
  if (parts === 100 || unit === '%') return `${value}%`
  if (parts === 1000 || unit === '‰') return `${rounded(Number(value) / 10)}%`
  if (parts === 10_000) return `${rounded(Number(value) / 100)}%`
  if (parts !== undefined) return `${value}/${parts}`
  const name = unit.replace(/^个(?=.)(?!月)/, '')
  return name === '' ? undefined : `${value}${unitNames[name] ?? name}`
}

/** Whether the number is a limit, and which: by what follows it, else by what precedes it in the same clause. */
function limitOf(preceding: string, following: string): string {
  const behind = after.find(([, pattern]) => pattern.test(following))
  if (behind) return behind[0]
  const clause = /[^,。;:!?、()]*$/.exec(preceding)?.[0].slice(-limitReach) ?? ''
  const near = before.find(one => one.near?.test(clause))
  if (near) return near.limit
  const places = before.map(({ limit, far }) => ({ limit, at: far ? lastOf(clause, far) : -1 }))
  const last = places.reduce((best, one) => (one.at > best.at ? one : best))
  return last.at < 0 ? '' : last.limit
}

const lastOf = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].at(-1)?.index ?? -1

const rounded = (value: number): string => String(Number(value.toPrecision(12)))

/** The value of a numeral, as Arabic digits; one that makes no number stays as it is. */
function numberOf(numeral = ''): string {
  if (numeral === '半') return '0.5'
  const [, arabic, scale = ''] = /^(\d+(?:\.\d+)?)(.*)$/.exec(numeral) ?? []
  if (arabic !== undefined) {
    if (arabic.length > 15) return arabic
    return rounded([...scale].reduce((value, one) => value * (scales[one] ?? 1), Number(arabic)))
  }
  const [whole = '', decimals] = numeral.split('点')
  const value = integerOf(whole)
  if (value === undefined) return numeral
  return decimals === undefined ? rounded(value) : rounded(Number(`${value}.${placed(decimals)}`))
}

/** 二〇二四 → 2024: digit by digit. */
const placed = (text: string): string => [...text].map(character => digits[character] ?? '').join('')

function integerOf(text: string): number | undefined {
  if (![...text].some(character => character in scales)) return Number(placed(text))
  let total = 0
  let section = 0
  let digit: number | undefined
  let lastScale = 1
  for (const character of text) {
    const scale = scales[character]
    if (scale === undefined) {
      if (digit) return undefined
      digit = digits[character]
      if (digit === 0) lastScale = 10
      continue
    }
    if (scale < 10_000) section += (digit || 1) * scale
    else if (scale === 10_000) total += (section + (digit ?? 0) || 1) * scale
    else total = (total + section + (digit ?? 0) || 1) * scale
    if (scale >= 10_000) section = 0
    digit = undefined
    lastScale = scale
  }
  // 一百五 is 150, 一百零五 is 105.
  return total + section + (digit ?? 0) * (lastScale > 10 ? lastScale / 10 : 1)
}
