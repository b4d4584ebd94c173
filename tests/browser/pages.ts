/** One browser for a file, one page a test; a page that complains fails its test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { openBrowser, openPage, type Watched } from './browser.ts'

export interface Pages {
  open(url: string, options?: BrowserContextOptions): Promise<Page>
  browser(): Browser
}

export function usePages(): Pages {
  let browser: Browser
  let opened: Watched[] = []
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  afterEach(async () => {
    const watched = opened
    opened = []
    for (const { page } of watched) await page.context().close()
    expect(watched.flatMap(one => one.complaints)).toEqual([])
  })
  return {
    browser: () => browser,
    async open(url, options) {
      const watched = await openPage(browser, url, options)
      opened.push(watched)
      return watched.page
    },
  }
}
