/** Which messages a reply is on its way to, so that the page can say that someone is typing. */

export interface AwaitedOptions {
  /** What was promised is late: it is to be asked for again. */
  late(): void
  /** Nobody is typing any more. */
  over(): void
}

export interface Awaited {
  add(clientId: string): void
  end(clientId: string): void
  /** The server has the message and says that the reply comes by the stream. */
  promise(clientId: string): void
  any(): boolean
  clear(): void
}

const lateMs = 25_000
const overMs = 50_000

export function createAwaited({ late, over }: AwaitedOptions): Awaited {
  const clientIds = new Set<string>()
  return {
    add: clientId => void clientIds.add(clientId),
    end: clientId => void clientIds.delete(clientId),
    promise(clientId) {
      setTimeout(() => clientIds.has(clientId) && late(), lateMs)
      setTimeout(() => clientIds.delete(clientId) && over(), overMs)
    },
    any: () => clientIds.size > 0,
    clear: () => clientIds.clear(),
  }
}
