/** The two trials of the Official Account: slow answers, and many kills under load. */
import { type AccountTrial, type Kind, runAccountTrial } from './account-trial.ts'
import type { DatabaseName } from './product.ts'

export const scenes = {
  /** Answers that come too late for the request, later than its last try, and in time. */
  slow: { delays: [1, 4, 6, 20], killEveryMs: [3_000, 9_000] },
  /** Answers at once, and a process that hardly lives. */
  kills: { delays: [0, 0, 0, 1], killEveryMs: [1_500, 3_500] },
} as const
export type Scene = keyof typeof scenes

export interface SceneOptions {
  scene: Scene
  kind: Kind
  kills: number
  /** How many questions in all at least. */
  questions: number
  database?: DatabaseName
  tell?(words: string): void
}

export function runScene({ scene, questions, ...rest }: SceneOptions): Promise<AccountTrial> {
  const each = 4
  const citizens = Math.min(250, Math.max(10, Math.ceil(questions / each)))
  return runAccountTrial({ ...scenes[scene], ...rest, citizens, questions: each })
}
