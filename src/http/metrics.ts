/** Prometheus metrics of the process and of what its parts count. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '#base/meter'

const prefix = 'gongkai_'

/** A figure that is read when it is asked for. */
export interface Reading {
  name: string
  help: string
  read(): Promise<{ labels: Record<string, string>; value: number }[]>
}

export interface Metrics extends Meter {
  /** Adds a gauge that is read at each scrape. */
  watch(reading: Reading): void
  /** The text exposition format. */
  expose(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  collectDefaultMetrics({ register: registry, prefix })

  function counterOf(name: string, labels: Record<string, string>): Counter {
    const known = counters.get(name)
    if (known) return known
    const made = new Counter({
      name: `${prefix}${name}_total`,
      help: `${name.replaceAll('_', ' ')}, counted since the process started`,
      labelNames: Object.keys(labels),
      registers: [registry],
    })
    counters.set(name, made)
    return made
  }

  function histogramOf(name: string): Histogram {
    const known = histograms.get(name)
    if (known) return known
    const made = new Histogram({ name: prefix + name, help: name.replaceAll('_', ' '), registers: [registry] })
    histograms.set(name, made)
    return made
  }

  return {
    count: (name, labels = {}) => counterOf(name, labels).inc(labels),
    observe: (name, seconds) => histogramOf(name).observe(seconds),
    watch({ name, help, read }) {
      const gauge = new Gauge({
        name: prefix + name,
        help,
        labelNames: ['account', 'channel', 'state'],
        registers: [registry],
        async collect() {
          this.reset()
          for (const { labels, value } of await read()) this.set(labels, value)
        },
      })
      void gauge
    },
    expose: () => registry.metrics(),
  }
}
