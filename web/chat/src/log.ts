/** The messages on the page, kept in step with the timeline; what is there already is not touched. */
import { type Bubble, type BubbleOptions, makeBubble } from './bubble.ts'
import { make, setText } from './elements.ts'
import type { Entry } from './timeline.ts'
import { formatTime, isPause } from './times.ts'

export interface Log {
  /** Shows the entries; gives the elements of those that were not there before. */
  show(entries: readonly Entry[]): HTMLElement[]
}

interface Shown extends Bubble {
  separator: HTMLElement
}

function makeShown(entry: Entry, options: BubbleOptions): Shown {
  const separator = make('p', 'separator')
  // Each message says its own time to those who listen.
  separator.setAttribute('aria-hidden', 'true')
  return { ...makeBubble(entry, options), separator }
}

/** Elements that stay are never moved: moving would read them out again and lose the focus. */
function arrange(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const keep = new Set<Element>(wanted)
  for (const child of Array.from(parent.children)) if (!keep.has(child)) child.remove()
  let cursor = parent.firstElementChild
  for (const element of wanted) {
    if (element === cursor) cursor = cursor.nextElementSibling
    else parent.insertBefore(element, cursor)
  }
}

export function createLog(parent: HTMLElement, options: BubbleOptions): Log {
  let shown = new Map<string, Shown>()
  return {
    show(entries) {
      const before = shown
      shown = new Map(entries.map(entry => [entry.key, before.get(entry.key) ?? makeShown(entry, options)]))
      const wanted: HTMLElement[] = []
      let previous: number | undefined
      for (const { key, at } of entries) {
        const one = shown.get(key)
        if (!one) continue
        one.update()
        setText(one.separator, formatTime(at, Date.now()))
        if (isPause(previous, at)) wanted.push(one.separator)
        wanted.push(one.element)
        previous = at
      }
      arrange(parent, wanted)
      return [...shown].flatMap(([key, { element }]) => (before.has(key) ? [] : [element]))
    },
  }
}
