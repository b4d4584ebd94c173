/** What parts report about themselves; the web server turns it into Prometheus metrics. */

export interface Meter {
  /** Adds one to a counter. The names and label values form a small closed set; never personal data. */
  count(name: string, labels?: Record<string, string>): void
  /** Adds a duration in seconds to a histogram. */
  observe(name: string, seconds: number): void
}

/** A meter that keeps nothing, for tools and tests. */
export const silentMeter: Meter = { count() {}, observe() {} }
