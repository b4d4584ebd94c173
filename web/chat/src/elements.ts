/** Makes and finds elements; text is only ever set as text. */

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

export function makeButton(label: string, className: string, press: () => void): HTMLButtonElement {
  const button = make('button', className, label)
  button.type = 'button'
  button.addEventListener('click', press)
  return button
}

/** A link out of the page, which says that it opens beside it. */
export function makeLink(label: string, url: string): HTMLAnchorElement {
  const anchor = make('a', '', label, make('span', 'unseen', '（在新窗口打开）'))
  anchor.href = url
  anchor.target = '_blank'
  anchor.rel = 'noopener noreferrer'
  return anchor
}

let last = 0

/** Gives the element a name that others can point to. */
export function nameOf(element: Element): string {
  if (!element.id) element.id = `n${++last}`
  return element.id
}

export function makeGroup(className: string, label: string | HTMLElement): HTMLDivElement {
  const group = make('div', className)
  group.setAttribute('role', 'group')
  if (typeof label === 'string') group.setAttribute('aria-label', label)
  else group.setAttribute('aria-labelledby', nameOf(label))
  return group
}

/** An element of index.html. */
export function get<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id)
  if (!element) throw new Error(`index.html has no #${id}`)
  return element as E
}

/** Touches the page only where the text differs: screen readers read changes out. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
