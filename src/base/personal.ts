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

const digitRun = /(?<![\d.])\d(?:[ -]?\d){10,18}(?:[ -]?[Xx])?(?!\d)/g
const email = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g

function kindOfRun(run: string): PersonalKind | undefined {
  const digits = run.replace(/[ -]/g, '')
  if (isIdNumber(digits)) return 'id-number'
  if (isCardNumber(digits)) return 'card'
  if (isMobile(digits)) return 'mobile'
  return undefined
}

/** Which kinds of personal data stand in the text. */
export function findPersonal(text: string): PersonalKind[] {
  const found = new Set<PersonalKind>()
  for (const [run] of text.normalize('NFKC').matchAll(digitRun)) {
    const kind = kindOfRun(run)
    if (kind) found.add(kind)
  }
  if (text.includes('@') && email.test(text)) found.add('email')
  email.lastIndex = 0
  return [...found]
}

/** The same text with ID, card and mobile numbers and e-mail addresses replaced by a mark; full-width digits too. */
export function maskPersonal(text: string): string {
  if (!/[\d０-９@]/.test(text)) return text
  const plain = text.replace(/[０-９Ｘｘ]/g, c => c.normalize('NFKC'))
  return plain.replace(digitRun, run => (kindOfRun(run) ? '［已隐去］' : run)).replace(email, '［已隐去］')
}
