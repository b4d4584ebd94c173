/**
 * What a language model may add, where one is configured: a follow-up completed, an entry chosen among candidates, an
 * answer in other words. Nothing of it is trusted: what does not rest on the entries word by word is dropped, and then
 * all is as if there were no model.
 */
export { createPhrasing, type Phrased, type Phrasing, phrasedNote } from './phrasing.ts'
