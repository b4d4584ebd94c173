/** Keeps the right place in sight: one's own question and the beginning of its answer, never the end of it. */

export interface Scroller {
  /** Changes what is in it, then shows what `change` says is new. */
  after(change: () => readonly HTMLElement[]): void
}

const nearPx = 80
const gapPx = 10

const isOwn = (element: Element | null): element is HTMLElement =>
  element?.classList.contains('citizen') === true

export function createScroller(box: HTMLElement, notice: HTMLButtonElement): Scroller {
  const end = () => box.scrollHeight - box.clientHeight
  const isAtEnd = () => end() - box.scrollTop < nearPx
  let atEnd = true
  let used = false
  let unseen: HTMLElement | undefined

  function toTopOf(element: HTMLElement): void {
    box.scrollTop = Math.min(end(), element.offsetTop - gapPx)
  }

  function noteUnseen(element: HTMLElement | undefined): void {
    unseen = element
    notice.hidden = element === undefined
  }

  function reveal(fresh: readonly HTMLElement[]): void {
    const [first] = fresh
    if (!first) return
    used = true
    const own = fresh.filter(isOwn).pop()
    const before = first.previousElementSibling
    if (own) toTopOf(own)
    else if (atEnd) toTopOf(isOwn(before) ? before : first)
    else if (first.offsetTop > box.scrollTop + box.clientHeight - gapPx) noteUnseen(first)
    atEnd = isAtEnd()
  }

  // Safari does not let the keyboard reach what scrolls unless it is told to.
  box.tabIndex = 0
  box.addEventListener('scroll', () => {
    atEnd = isAtEnd()
    if (atEnd || (unseen && unseen.offsetTop < box.scrollTop + box.clientHeight / 2)) noteUnseen(undefined)
  })
  notice.addEventListener('click', () => {
    if (unseen) toTopOf(unseen)
    noteUnseen(undefined)
    box.focus({ preventScroll: true })
  })
  // The keyboard of a phone and a growing text field take room from below.
  new ResizeObserver(() => {
    if (used && atEnd) box.scrollTop = end()
  }).observe(box)

  return {
    after(change) {
      atEnd = isAtEnd()
      reveal(change())
    },
  }
}
