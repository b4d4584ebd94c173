/** Tests over real puppets; they need `npm run install:wechaty` first, which the tests at the root do without. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/wechaty/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
