/**
 * The optional language model behind any OpenAI-compatible server. A question to it ends within its deadline, as a text
 * or as one of five failures, and never as an exception; a server that fails again and again is left alone for a while.
 * Personal data is masked in here, on the way out. Nothing is loaded and nothing connects before the first question.
 */
export { type ModelFailure, modelFailures } from './exchange.ts'
export {
  type Completion,
  createModel,
  type Embedded,
  type Embedding,
  type Model,
  type ModelOptions,
  type Prompt,
} from './model.ts'
export { createSemantic, type Semantic, type SemanticEntry, type SemanticOptions } from './semantic.ts'
export type { VectorCache } from './vectors.ts'
