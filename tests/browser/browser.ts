/** Debian's chromium, or the one that CHROMIUM names; and what axe finds on a page. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page that fails its test when anything goes wrong in it or anything outside is asked for. */
export interface Watched {
  page: Page
  /** Errors of scripts, refusals of the content security policy, requests to elsewhere. */
  complaints: string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    viewport: { width: 360, height: 740 },
    ...options,
  })
  const page = await context.newPage()
  const complaints = watch(page)
  await page.goto(url)
  return { page, complaints }
}

function watch(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text())
  })
  page.on('request', request => {
    if (!/^(data:|http:\/\/127\.0\.0\.1[:/])/.test(request.url()))
      complaints.push(`asked for ${request.url()}`)
  })
  return complaints
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
}

/** What axe finds, best practices included, one line a finding. */
export async function findFaults(page: Page): Promise<string[]> {
  // Evaluated from outside, so that the page's own policy stays as strict as it is.
  await page.evaluate(await axeSource)
  // A message that fades in has too little contrast for a moment; one animation may call off another and begin anew.
  await page.evaluate(`(async () => {
    for (let round = 0; round < 20; round++) {
      const moving = document.getAnimations().filter(a => a.effect.getComputedTiming().iterations === 1)
      if (!moving.some(a => a.playState === 'running')) return
      await Promise.allSettled(moving.map(a => a.finished))
    }
  })()`)
  const { violations } = await page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(node => `${id}: ${node.html} — ${node.failureSummary}`),
  )
}
