/** What the browser keeps for us between visits; in memory where it keeps nothing (private mode, storage full). */

export interface Shelf {
  get(key: string): string | undefined
  set(key: string, value: string): void
  remove(key: string): void
  keys(): string[]
}

const prefix = 'gongkai.chat.'

/** Reading the property itself throws where storage is forbidden. */
function findStorage(): Storage | undefined {
  try {
    localStorage.setItem(`${prefix}probe`, '1')
    localStorage.removeItem(`${prefix}probe`)
    return localStorage
  } catch {
    return undefined
  }
}

export function openShelf(storage: Storage | undefined = findStorage()): Shelf {
  const memory = new Map<string, string>()
  return {
    get: key => memory.get(key) ?? storage?.getItem(prefix + key) ?? undefined,
    set(key, value) {
      try {
        if (!storage) throw new Error('no storage')
        storage.setItem(prefix + key, value)
        memory.delete(key)
      } catch {
        memory.set(key, value)
      }
    },
    remove(key) {
      memory.delete(key)
      storage?.removeItem(prefix + key)
    },
    keys() {
      const kept = Object.keys(storage ?? {}).filter(key => key.startsWith(prefix))
      return [...new Set([...kept.map(key => key.slice(prefix.length)), ...memory.keys()])]
    },
  }
}
