/** How long to wait before the next attempt: longer each time, and never in step with everyone else. */

const firstMs = 1_000
const longestMs = 30_000

export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(longestMs, firstMs * 2 ** attempt)
  return most / 2 + (random() * most) / 2
}
