/** Files that belong to a request: proofs of identity, lists, papers scanned at the counter. */
import { hash } from 'node:crypto'
import { type Clock, formatLegalDate } from '#base/clock'
import { Refusal } from '#base/errors'
import { cleanText } from '#base/text'
import { type Attachment, type Case, type Casebook, type DossierStore, isOpen, keyNameOf } from '#dossier'
import { applicant as citizen } from '#staff'
import type { Vault } from '#storage'

export const largestFile = 10 * 1024 * 1024
export const mostFiles = 10
const longestName = 100

export interface GivenFile {
  name: string
  bytes: Buffer
}

/** What a file is by its first bytes: a name can say anything. */
const kinds: readonly (readonly [type: string, ending: string, is: (bytes: Buffer) => boolean])[] = [
  ['application/pdf', 'pdf', bytes => bytes.subarray(0, 5).toString('latin1') === '%PDF-'],
  ['image/jpeg', 'jpg', bytes => bytes.subarray(0, 3).toString('hex') === 'ffd8ff'],
  ['image/png', 'png', bytes => bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a'],
  // Word and Excel of today are archives with a folder of their own in them; those of before are compound files.
  [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'docx',
    bytes => isArchive(bytes) && bytes.includes('word/document.xml'),
  ],
  [
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'xlsx',
    bytes => isArchive(bytes) && bytes.includes('xl/workbook.xml'),
  ],
  ['application/msword', 'doc', bytes => bytes.subarray(0, 8).toString('hex') === 'd0cf11e0a1b11ae1'],
]
const isArchive = (bytes: Buffer) => bytes.subarray(0, 4).toString('hex') === '504b0304'

const taken = 'PDF、JPG、PNG、Word 或者 Excel'

/** Letters of a name that no file system minds, with the ending of what the file is. */
function nameOf(given: string, ending: string): string {
  const base = given.split(/[/\\]/).at(-1) ?? ''
  const clean = cleanText(base)
    .replace(/[\p{C}<>:"|?*]/gu, '')
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .trim()
  return `${Array.from(clean).slice(0, longestName).join('') || '材料'}.${ending}`
}

function checkFile({ name, bytes }: GivenFile): Pick<Attachment, 'name' | 'type' | 'size' | 'sha256'> {
  if (bytes.length === 0) throw new Refusal('file', '这个文件是空的，请重新选一个。')
  if (bytes.length > largestFile)
    throw new Refusal('file', '文件太大，最大10MB。请压缩，或者分成几个再上传。')
  const kind = kinds.find(([, , is]) => is(bytes))
  if (!kind) throw new Refusal('file', `只收 ${taken} 文件，请转换以后再上传。`)
  const [type, ending] = kind
  return { name: nameOf(name, ending), type, size: bytes.length, sha256: hash('sha256', bytes) }
}

const contextOf = (number: number) => `attachment ${number}`

export interface AnnexOptions {
  store: Pick<DossierStore, 'insertAttachment' | 'findAttachment'>
  casebook: Pick<Casebook, 'get' | 'keep'>
  vault: Vault
  clock: Clock
  /** The request, for an official who may see it; who looked is written into the trail. */
  show(who: { ref: string; by: string }): Promise<Case>
  /** Whether the query code is that of the request. */
  isOwn(ref: string, code: string): Promise<boolean>
}

export type Annex = ReturnType<typeof createAnnex>

export function createAnnex({ store, casebook, vault, clock, show, isOwn }: AnnexOptions) {
  async function add(one: Case, file: GivenFile, by: string): Promise<Attachment> {
    const checked = checkFile(file)
    const before = one.attachments ?? []
    const same = before.find(({ sha256 }) => sha256 === checked.sha256)
    if (same) return same
    if (before.length >= mostFiles)
      throw new Refusal('file', `每件申请最多${mostFiles}个文件。还有材料的，请邮寄或者当面提交。`)
    const key = await vault.find(keyNameOf(one.ref))
    if (!key) throw new Error('a request without its key')
    const fresh: Attachment = { ...checked, number: before.length + 1, by, on: formatLegalDate(clock.now()) }
    const body = key.seal(file.bytes, contextOf(fresh.number))
    const after = { ...one, attachments: [...before, fresh] }
    const bytes = store.insertAttachment({ ref: one.ref, number: fresh.number, body })
    await casebook.keep({ by, verb: 'attach' }, [{ before: one, after }], [bytes])
    return fresh
  }

  return {
    /** By an official: papers that came to the counter. */
    addAt: async (who: { ref: string; by: string }, file: GivenFile) => add(await show(who), file, who.by),
    /** By whoever filed it, with its query code, while it is open. Undefined for a wrong pair. */
    async addOwn(
      { ref, code }: { ref: string; code: string },
      file: GivenFile,
    ): Promise<Attachment | undefined> {
      if (!(await isOwn(ref, code))) return undefined
      const one = await casebook.get(ref)
      if (!isOpen(one.state))
        throw new Refusal('closed', `${ref} 已经办结，不能再补充材料。要补充的，请打电话给我们。`)
      return add(one, file, citizen)
    },
    async list(who: { ref: string; by: string }): Promise<readonly Attachment[]> {
      return (await show(who)).attachments ?? []
    },
    /** A file with its bytes. Throws a Refusal where there is none of this number. */
    async read(who: { ref: string; by: string }, number: number): Promise<Attachment & { bytes: Buffer }> {
      const found = (await show(who)).attachments?.find(one => one.number === number)
      const key = await vault.find(keyNameOf(who.ref))
      const body = found && (await store.findAttachment(who.ref, number))
      if (!found || !body || !key)
        throw new Refusal('file', `${who.ref} 没有第${number}个文件。请用 desk attachments 核对。`)
      return { ...found, bytes: key.openBytes(body, contextOf(number)) }
    },
  }
}
