/**
 * Documents and pictures: one typed document becomes PDF, a picture, a page and a file that can be edited. What people
 * typed goes in as data and is never read as markup; nothing is fetched, and no office program is needed.
 */
export { type Bars, drawBars, drawGroups, type Groups } from './chart.ts'
export { formatPage } from './page.ts'
export type { Cell, Figure, Leaf, Paper, Table } from './paper.ts'
export { createPress, type Press } from './press.ts'
export { formatWord, type Raster } from './word.ts'
