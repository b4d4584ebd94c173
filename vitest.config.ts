import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/integration/**', 'tests/browser/**', 'tests/wechaty/**'],
    // Nothing is mocked, so files may share what they have loaded.
    isolate: false,
    // On two cores the default is one worker.
    maxWorkers: '100%',
    testTimeout: 120_000,
  },
})
