/** Times as people say them. Pure. */

const weekdays = ['日', '一', '二', '三', '四', '五', '六']
const two = (value: number) => String(value).padStart(2, '0')
const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)

/** 14:03 */
export function formatClock(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** 今天, 昨天, 11月20日 星期五, 2025年11月20日 */
export function formatDay(at: number, now: number): string {
  // Rounded: a day on which the clocks change is not 24 hours long.
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0) return '今天'
  if (days === 1) return '昨天'
  const date = new Date(at)
  const day = `${date.getMonth() + 1}月${date.getDate()}日`
  if (date.getFullYear() !== new Date(now).getFullYear()) return `${date.getFullYear()}年${day}`
  return days > 0 && days < 7 ? `${day} 星期${weekdays[date.getDay()]}` : day
}

export function formatTime(at: number, now: number): string {
  return `${formatDay(at, now)} ${formatClock(at)}`
}

const pauseMs = 5 * 60_000

/** Whether a line with the time belongs between two messages. */
export function isPause(previous: number | undefined, at: number): boolean {
  return previous === undefined || Math.abs(at - previous) > pauseMs
}

/** 2019-03-24 → 2019年3月24日 */
export function formatDate(date: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? []
  return year === undefined ? date : `${year}年${Number(month)}月${Number(day)}日`
}
