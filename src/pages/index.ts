/**
 * The public's own pages: plain HTML that works without scripts. A form that must not be filled in over a channel
 * outside the mainland is filled in here, behind a link that is good once.
 */
export { createFormPages, type FormPagesOptions } from './forms.ts'
export { publicPages } from './public.ts'
export { receiptOf } from './receipt.ts'
export { receiptUrl, statusUrl } from './requests.ts'
export { createFormStore } from './store.ts'
