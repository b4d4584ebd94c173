/** The quiet line that says when the connection is broken. */
import { get, setText } from './elements.ts'

// A proxy that closes an idle stream is no news: EventSource is back within this time.
const patienceMs = 3_000

export function createConnectionLine(): (connected: boolean) => void {
  const line = get('connection')
  let timer: ReturnType<typeof setTimeout> | undefined
  return connected => {
    if (connected) {
      clearTimeout(timer)
      timer = undefined
      setText(line, '')
    } else {
      timer ??= setTimeout(() => setText(line, '连接中断，正在重连…'), patienceMs)
    }
  }
}
