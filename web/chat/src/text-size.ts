/** The switch for large text; everything is measured in rem, so one size on the root scales all of it. */
import { get } from './elements.ts'
import type { Shelf } from './shelf.ts'

const key = 'large'

export function createTextSize(shelf: Shelf): void {
  const button = get('large')
  function apply(large: boolean): void {
    document.documentElement.classList.toggle('large', large)
    button.setAttribute('aria-checked', String(large))
  }
  button.addEventListener('click', () => {
    const large = button.getAttribute('aria-checked') !== 'true'
    if (large) shelf.set(key, '1')
    else shelf.remove(key)
    apply(large)
    dispatchEvent(new Event('resize'))
  })
  apply(shelf.get(key) === '1')
}
