/** What a citizen does on the page, and what can be seen there. */
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

export const box = (page: Page): Locator => page.getByRole('textbox', { name: '输入您的问题' })
export const log = (page: Page): Locator => page.getByRole('log')
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

export async function write(page: Page, text: string): Promise<void> {
  await box(page).fill(text)
  await page.keyboard.press('Enter')
}

/** The texts of the bubbles from top to bottom. */
export const bubbles = (page: Page): Promise<string[]> => page.locator('.bubble').allInnerTexts()

export async function expectBubbles(page: Page, texts: string[]): Promise<void> {
  await expect.poll(() => bubbles(page), { timeout: 20_000 }).toEqual(texts)
}

export async function waitForText(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor()
}

export const typing = (page: Page): Locator => page.locator('#typing')
export const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate(element => element === element.ownerDocument.activeElement)

/** The conversation as the browser keeps it. */
export const conversationOf = (page: Page): Promise<string | null> =>
  page.evaluate<string | null>('localStorage.getItem("gongkai.chat.conversation")')

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
