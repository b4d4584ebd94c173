/** Personal data in free text: recognised by checksum where one exists, and masked. */

const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const idCheckDigits = '10X98765432'

/** GB 11643-1999: seventeen digits with a plausible birth date and the ISO 7064 MOD 11-2 check character. */
export function isIdNumber(text: string): boolean {
  if (!/^\d{17}[\dXx]$/.test(text)) return false
  const month = Number(text.slice(10, 12))
  const day = Number(text.slice(12, 14))
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  let sum = 0
  for (let i = 0; i < 17; i++) sum += Number(text[i]) * (idWeights[i] ?? 0)
  return idCheckDigits[sum % 11] === text[17]?.toUpperCase()
}

/** ISO/IEC 7812-1 (Luhn) over 16 to 19 digits, as bank cards have. */
export function isCardNumber(text: string): boolean {
  if (!/^\d{16,19}$/.test(text)) return false
  let sum = 0
  for (let i = 0; i < text.length; i++) {
    const digit = Number(text[text.length - 1 - i])
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** A mainland mobile number of eleven digits. */
export function isMobile(text: string): boolean {
  return /^1[3-9]\d{9}$/.test(text)
}

export type PersonalKind = 'id-number' | 'card' | 'mobile' | 'email'

interface Found {
  kind: PersonalKind
  start: number
  end: number
}

interface Group {
  start: number
  end: number
  digits: string
}

/** What stands in the place of personal data. */
export const mask = '［已隐去］'
const digitGroup = /\d+(?:[Xx](?![A-Za-z]))?/g
const email = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g
const spokenDigits = '零一二三四五六七八九'
const formalDigits = '零壹贰叁肆伍陆柒捌玖'
/** A number written out digit by digit. */
const spoken = /[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{11,19}/g
const mayHold = /[\d０-９@＠]|[零〇一幺二三四五六七八九壹贰叁肆伍陆柒捌玖]{11}/
const mostGroups = 6
const leastInGroup = 3

/** Full-width letters, blanks and digits, and digits in words, as the plain ones, place by place. */
function flatten(text: string): string {
  return text
    .replace(/[！-～]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ')
    .replace(spoken, run => Array.from(run, digitOf).join(''))
}

function digitOf(word: string): string {
  if (word === '〇') return '0'
  return String(word === '幺' ? 1 : Math.max(spokenDigits.indexOf(word), formalDigits.indexOf(word)))
}

/** The region and the day of birth, the last four left out: little is missing. */
const idBeginning = /^[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/

function kindOf(digits: string): PersonalKind | undefined {
  if (isIdNumber(digits) || idBeginning.test(digits)) return 'id-number'
  if (isCardNumber(digits)) return 'card'
  if (isMobile(digits) || /^86\d{11}$/.test(digits)) return isMobile(digits.slice(-11)) ? 'mobile' : undefined
  return undefined
}

/** The number that begins with this group: the most groups that make one, parted by single blanks, dots or hyphens. */
function numberAt(groups: readonly Group[], first: number, text: string): Found | undefined {
  const start = groups[first]?.start ?? 0
  let digits = ''
  let found: Found | undefined
  for (let i = first; i < Math.min(groups.length, first + mostGroups); i++) {
    const group = groups[i]
    const before = groups[i - 1]
    if (!group) break
    // A date has short groups; a number that is written in groups has none.
    if (i > first && (!before || !/^[ .-]?$/.test(text.slice(before.end, group.start)))) break
    if (i > first && Math.min(group.digits.length, before?.digits.length ?? 0) < leastInGroup) break
    digits += group.digits
    const kind = kindOf(digits)
    if (kind) found = { kind, start, end: group.end }
  }
  return found
}

function scan(text: string): Found[] {
  if (!mayHold.test(text)) return []
  const flat = flatten(text)
  const groups = [...flat.matchAll(digitGroup)].map(m => ({
    start: m.index,
    end: m.index + m[0].length,
    digits: m[0],
  }))
  const found: Found[] = [...flat.matchAll(email)].map(m => ({
    kind: 'email',
    start: m.index,
    end: m.index + m[0].length,
  }))
  let past = 0
  groups.forEach((group, i) => {
    const number = group.start < past ? undefined : numberAt(groups, i, flat)
    if (!number) return
    past = number.end
    found.push(number)
  })
  return found.sort((a, b) => a.start - b.start)
}

/** Which kinds of personal data stand in the text: ID, card and mobile numbers, e-mail addresses. */
export function findPersonal(text: string): PersonalKind[] {
  return [...new Set(scan(text).map(found => found.kind))]
}

/** The same text with a mark in the place of each of them. */
export function maskPersonal(text: string): string {
  let masked = ''
  let past = 0
  for (const { start, end } of scan(text)) {
    if (end <= past) continue
    if (start >= past) masked += text.slice(past, start) + mask
    past = end
  }
  return masked + text.slice(past)
}
