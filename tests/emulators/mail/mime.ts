/** A mail taken apart again: headers and leaves of its MIME tree, as a mail program would. */

export interface Leaf {
  type: string
  headers: ReadonlyMap<string, string>
  bytes: Buffer
}

export interface Parsed {
  headers: ReadonlyMap<string, string>
  leaves: Leaf[]
}

function headersOf(block: string): Map<string, string> {
  const lines = block.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return new Map(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())]
    }),
  )
}

function unquote(text: string): Buffer {
  const plain = text.replace(/=\r\n/g, '')
  const bytes = plain.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

/** RFC 2047. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      (kind.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64')
        : unquote(word.replaceAll('_', ' '))
      ).toString('latin1'),
    )
    .replace(/[\x80-\xff]+/g, run => Buffer.from(run, 'latin1').toString())
}

export function parseMail(raw: string): Parsed {
  const end = raw.indexOf('\r\n\r\n')
  const headers = headersOf(raw.slice(0, end))
  const body = raw.slice(end + 4)
  const type = headers.get('content-type') ?? 'text/plain'
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
  if (boundary !== undefined) {
    const parts = body.split(`--${boundary}`).slice(1, -1)
    return { headers, leaves: parts.flatMap(part => parseMail(part.replace(/^\r\n/, '')).leaves) }
  }
  const encoding = headers.get('content-transfer-encoding') ?? '7bit'
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? unquote(body)
        : Buffer.from(body)
  return { headers, leaves: [{ type: type.split(';')[0] ?? '', headers, bytes }] }
}

/** The text of the first leaf of a type. */
export function textOf({ leaves }: Parsed, type: string): string {
  return leaves.find(leaf => leaf.type === type)?.bytes.toString() ?? ''
}
