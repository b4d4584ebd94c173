/** A document as it stands on paper, typed: what it says, never how a format marks it up. Pure. */

/** A cell of a table; a heading one names what stands in its row or column. */
export interface Cell {
  text: string
  heading?: 'row' | 'column'
  /** How many rows and columns it spans; one where absent. */
  rows?: number
  columns?: number
}

export interface Table {
  kind: 'table'
  caption: string
  /** Rows at the top, repeated on each page. */
  head: readonly (readonly Cell[])[]
  body: readonly (readonly Cell[])[]
  /** The widths of the columns to one another; all alike where absent. */
  widths?: readonly number[]
}

export interface Figure {
  kind: 'figure'
  /** As the chart gives it. */
  svg: string
  /** Says the same for those who cannot see it. */
  alternative: string
  caption: string
}

export type Leaf =
  | { kind: 'heading'; level: 1 | 2; text: string }
  | { kind: 'paragraph'; text: string }
  /** Names with what belongs to them. */
  | { kind: 'facts'; facts: readonly (readonly [name: string, value: string])[] }
  /** At the right: who says it, and the day. */
  | { kind: 'signature'; lines: readonly string[] }
  /** In small print. */
  | { kind: 'note'; text: string }
  | Table
  | Figure

export interface Paper {
  title: string
  /** A page of its own length for a telephone, or sheets with page numbers. */
  size: 'card' | 'a4'
  leaves: readonly Leaf[]
}

/** How many columns a table has. */
export function widthOf({ head, body }: Table): number {
  const [first = []] = [...head, ...body]
  return first.reduce((sum, { columns = 1 }) => sum + columns, 0)
}
