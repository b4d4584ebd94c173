/** All pages of the public as what answers at their paths. */

import { styles, stylesPath } from './page.ts'
import { createRequestPages, type RequestPagesOptions, receiptPath } from './requests.ts'

const sheetHeaders = {
  'content-type': 'text/css; charset=utf-8',
  'cache-control': 'public, max-age=3600',
}

export interface PublicPage {
  path: string
  fetch(request: Request): Promise<Response>
  /** Whether an address may ask only so often: what is sent, and where guessing pays, what is read. */
  limited: 'nothing' | 'sending' | 'all'
}

/** `forms` answers for the forms behind links. */
export function publicPages(forms: Pick<PublicPage, 'fetch'>, requests: RequestPagesOptions): PublicPage[] {
  const ofRequests = createRequestPages(requests)
  return [
    { path: '/forms/*', fetch: request => forms.fetch(request), limited: 'sending' },
    ...['/requests', receiptPath].map(path => ({ path, ...ofRequests, limited: 'all' as const })),
    {
      path: stylesPath,
      fetch: async () => new Response(styles, { headers: sheetHeaders }),
      limited: 'nothing',
    },
  ]
}
