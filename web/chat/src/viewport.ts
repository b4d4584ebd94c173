/** How high the page is: Safari lays its keyboard over the page, and only this tells how much is left of it. */
export function followViewport(): void {
  const view = window.visualViewport
  if (!view) return
  const apply = () => {
    // Zoomed in, the visible part says nothing about the keyboard.
    const height = view.scale > 1.01 ? '' : `${view.height}px`
    document.documentElement.style.setProperty('--height', height)
  }
  view.addEventListener('resize', apply)
  apply()
}
