/** Whose page this is. The name is kept, so that the next visit begins with it. */
import { get, make } from './elements.ts'
import type { Shelf } from './shelf.ts'
import { parseJson } from './wire.ts'

const key = 'about'

interface About {
  agency?: unknown
  hotline?: unknown
}

function makeCall(hotline: string): HTMLAnchorElement {
  const call = make('a', '', hotline)
  call.href = `tel:${hotline.replace(/[^\d+]/g, '')}`
  return call
}

/** A long name breaks between its words: after 市, after 和. */
function showName(name: string): void {
  const parts = name.match(/.+?(?:[省市县区州盟旗和与]|$)/gu) ?? [name]
  get('agency').replaceChildren(...parts.flatMap(part => [make('wbr'), part]))
  get('agency').title = name
  document.title = `${name} 政务咨询`
}

function show({ agency, hotline }: About): void {
  if (typeof agency === 'string' && agency && get('agency').textContent !== agency) showName(agency)
  if (typeof hotline !== 'string' || !hotline) return
  const line = get('hotline')
  line.replaceChildren('急事或需要人工服务，请拨打 ', makeCall(hotline))
  line.hidden = false
}

export async function showAbout(shelf: Shelf): Promise<void> {
  show((parseJson(shelf.get(key) ?? '') ?? {}) as About)
  try {
    const response = await fetch('/api/chat/about')
    const text = await response.text()
    const about = parseJson(text)
    if (!response.ok || typeof about !== 'object' || about === null) return
    shelf.set(key, text)
    show(about as About)
  } catch {
    // The page works under its general name.
  }
}
