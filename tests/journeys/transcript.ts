/** A story as lines of text: `> ` the citizen, `< ` what must be in the reply, `! restart` the process ends in between. */

export type Step = { kind: 'restart' } | { kind: 'said'; text: string; expected: string[] }

/** `{长*2001}` stands for a text too long to write out. */
const expand = (text: string) =>
  text.replace(/\{(.)\*(\d+)\}/gu, (_, sign: string, count: string) => sign.repeat(Number(count)))

/** Throws with the line's number when a line is none of the three. */
export function parseTranscript(text: string): Step[] {
  const steps: Step[] = []
  for (const [i, line] of text.split('\n').entries()) {
    const last = steps.at(-1)
    if (line.trim() === '') continue
    if (line.startsWith('> ')) steps.push({ kind: 'said', text: expand(line.slice(2)), expected: [] })
    else if (line.startsWith('< ') && last?.kind === 'said') last.expected.push(line.slice(2).trim())
    else if (line === '! restart') steps.push({ kind: 'restart' })
    else throw new Error(`line ${i + 1} is neither a citizen's nor a reply's: ${line}`)
  }
  return steps
}
