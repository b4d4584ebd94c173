/** Identifiers: random ones for things, checked ones for what arrives from outside. */
import { randomUUID } from 'node:crypto'

export type NewId = () => string

export const newUuid: NewId = () => randomUUID()

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return uuidShape.test(text)
}
