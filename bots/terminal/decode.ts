/** A line that was typed → ours. Pure. */
import type { Incoming } from '#channel'

/** Undefined for an empty line. */
export function decode(line: string, chat: string, nativeId: string): Incoming | undefined {
  const text = line.trim()
  return text === '' ? undefined : { chat, nativeId, text }
}
