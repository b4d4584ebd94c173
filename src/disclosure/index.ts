/**
 * The register of requests for government information (政府信息公开条例), as it is taken over and as the tables of the
 * annual report are computed from it. What the law says stands in `#statute`, what the office does in `#casework`.
 */

export { createFilingForm, type Filing, filingName } from './filing.ts'
export { createRegister, type Imported, type Register } from './register.ts'
export { requestChannels } from './request.ts'
export { createDisclosureStore, type DisclosureStore } from './store.ts'
export { organOf, type Wish, wishesOf } from './wish.ts'
export { filingWording } from './wording.ts'
