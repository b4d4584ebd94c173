/** The page as it is delivered: built once before the browser opens it. */
import { join } from 'node:path'
import { build } from 'vite'

export async function setup(): Promise<void> {
  await build({ root: join(import.meta.dirname, '../../web/chat'), logLevel: 'warn' })
}
