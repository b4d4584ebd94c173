/** WeChat's envelope, read from the platform's page alone: AES-256-CBC, PKCS#7 to 32 bytes, sha1 over what is sorted. */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto'

const blockBytes = 32

const sortedHash = (parts: readonly string[]) => hash('sha1', [...parts].sort().join(''))

/** The signature of every request, which does not cover its body. */
export const signatureOf = (token: string, timestamp: string, nonce: string) =>
  sortedHash([token, timestamp, nonce])

/** The signature of what is sealed. */
export const sealedSignatureOf = (token: string, timestamp: string, nonce: string, sealed: string) =>
  sortedHash([token, timestamp, nonce, sealed])

const keyOf = (aesKey: string) => Buffer.from(`${aesKey}=`, 'base64')

export function seal(aesKey: string, text: string, appId: string): string {
  const key = keyOf(aesKey)
  const message = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(message.length)
  const content = Buffer.concat([randomBytes(16), length, message, Buffer.from(appId)])
  const missing = blockBytes - (content.length % blockBytes)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([content, Buffer.alloc(missing, missing)])
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64')
}

/** Without the padding; throws where it is none. */
function unpad(padded: Buffer): Buffer {
  const padding = padded.at(-1) ?? 0
  const filling = padded.subarray(padded.length - padding)
  if (padding < 1 || padding > blockBytes || !filling.every(byte => byte === padding))
    throw new Error('the padding is wrong')
  return padded.subarray(0, padded.length - padding)
}

/** Throws when it is not sealed with this key. */
export function unseal(aesKey: string, sealed: string): { text: string; appId: string } {
  const key = keyOf(aesKey)
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()])
  if (padded.length % blockBytes !== 0) throw new Error('not padded to whole blocks')
  const content = unpad(padded).subarray(16)
  const length = content.readUInt32BE(0)
  if (length > content.length - 4) throw new Error('the length is wrong')
  return { text: content.subarray(4, 4 + length).toString(), appId: content.subarray(4 + length).toString() }
}
