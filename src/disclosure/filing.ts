/** Filing a request in chat (依申请公开): the fields that the regulation asks for, checked one by one. No purpose is asked. */
import { isIdNumber, isMobile } from '#base/personal'
import { cleanText, lengthOf } from '#base/text'
import type { Document } from '#channel'
import type { Field, Form, Parsed, Submission } from '#dialog'
import type { Applicant } from './request.ts'
import { filingWording as w } from './wording.ts'

export const filingName = 'disclosure-request'

/** What a person has filled in, checked. `idNumber` is of whoever applies: a person's, or an organisation's code. */
export interface Filing {
  applicant: Applicant
  name: string
  idNumber: string
  /** Who speaks for an organisation. */
  contactPerson: string | null
  contact: string
  /** What is wanted: name, document number or other features (条例 Art 29¶2(二)). */
  description: string
  medium: string
  delivery: string
  address: string | null
}

export interface FilingDeps {
  /** What is known or published already of what is wanted, and who else may have it; undefined: nothing. */
  search(description: string): Promise<Document | undefined>
  /** Makes the request, once under this name: what is said of it. */
  file(filing: Filing, once: string): Promise<Submission>
}

const applicants = Object.entries(w.applicants) as [Applicant, string][]
type Answers = Readonly<Record<string, string>>
const isPerson = ({ applicant }: Answers) => applicant === w.applicants.natural_person
const isOrganisation = (answers: Answers) => answers.applicant !== undefined && !isPerson(answers)

const codeAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** GB 32100-2015: eighteen characters of the unified social credit code, the last one a check mod 31. */
export function isCreditCode(text: string): boolean {
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(text)) return false
  let sum = 0
  for (let i = 0; i < 17; i++) sum += codeAlphabet.indexOf(text[i] ?? '') * (3 ** i % 31)
  return codeAlphabet[(31 - (sum % 31)) % 31] === text[17]
}

/** Full-width digits and letters as the plain ones, without blanks. */
const compact = (text: string) => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** A text of so many characters; else what is wrong with it. */
const sized =
  (least: number, most: number, problem: string) =>
  (text: string): Parsed => {
    const value = cleanText(text)
    return lengthOf(value) >= least && lengthOf(value) <= most ? { value } : { problem }
  }

function parsePersonNumber(text: string): Parsed {
  const value = compact(text)
  return isIdNumber(value) ? { value } : { problem: w.problems.idNumber }
}

function parseOrganisationCode(text: string): Parsed {
  const value = compact(text)
  return isCreditCode(value) ? { value } : { problem: w.problems.creditCode }
}

const emailPattern = /^[^\s@]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}$/
const landline = /^0\d{9,11}$/

function parseContact(text: string): Parsed {
  const value = text.normalize('NFKC').trim()
  const digits = value.replace(/[\s-]/g, '')
  if (isMobile(digits) || landline.test(digits)) return { value: digits }
  return emailPattern.test(value) && value.length <= 100 ? { value } : { problem: w.problems.contact }
}

function parseEmail(text: string): Parsed {
  const value = text.normalize('NFKC').trim()
  return emailPattern.test(value) && value.length <= 100 ? { value } : { problem: w.problems.email }
}

const item = (key: keyof typeof w.labels, rest: Partial<Field>): Field => ({
  key,
  label: w.labels[key],
  prompt: w.prompts[key],
  ...rest,
})

/** 条例 Art 29¶2: who applies, what is wanted, and in which form and by which way. */
function fieldsOf({ search }: Pick<FilingDeps, 'search'>): Field[] {
  const { problems } = w
  const deliveries = w.deliveries.map(one => one.label)
  const byPost = (answers: Answers) => answers.delivery === w.byPost
  const byEmail = (answers: Answers) => answers.delivery === w.byEmail
  return [
    item('description', {
      free: true,
      long: true,
      parse: sized(5, 1000, problems.description),
      advise: search,
    }),
    item('applicant', { options: applicants.map(([, label]) => label) }),
    item('name', { free: true, parse: sized(2, 60, problems.name) }),
    item('idNumber', { when: isPerson, parse: parsePersonNumber }),
    item('creditCode', { when: isOrganisation, parse: parseOrganisationCode }),
    item('contactPerson', { when: isOrganisation, free: true, parse: sized(2, 30, problems.name) }),
    item('contact', { parse: parseContact }),
    item('medium', { options: w.mediums }),
    item('delivery', { options: deliveries }),
    item('postalAddress', { when: byPost, free: true, long: true, parse: sized(6, 120, problems.address) }),
    item('email', { when: byEmail, parse: parseEmail }),
  ]
}

/** The answers of the form as a filing. */
export function filingOf(answers: Readonly<Record<string, string>>): Filing {
  const said = (key: string) => answers[key] ?? ''
  const [applicant = 'natural_person'] = applicants.find(([, label]) => label === said('applicant')) ?? []
  return {
    applicant,
    name: said('name'),
    idNumber: said('idNumber') || said('creditCode'),
    contactPerson: said('contactPerson') || null,
    contact: said('contact'),
    description: said('description'),
    medium: said('medium'),
    delivery: w.deliveries.find(d => d.label === said('delivery'))?.id ?? 'pick-up',
    address: said('postalAddress') || said('email') || null,
  }
}

/** The form of a request, by 条例 Art 29 and 43. */
export function createFilingForm(deps: FilingDeps): Form {
  return {
    name: filingName,
    version: 1,
    title: w.title,
    opening: w.consent,
    words: w.words,
    sensitive: true,
    fields: fieldsOf(deps),
    submit: (answers, once) => deps.file(filingOf(answers), once),
  }
}
