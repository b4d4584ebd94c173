/** Prometheus metrics of the process and of what its parts count. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from '#base/log'

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

/** Counts as plain numbers; Prometheus gets them when it asks, since its own counters cost more than a query. */
function createTally(registry: Registry) {
  const counts = new Map<string, { name: string; labels: Record<string, string>; value: number }>()
  const counters = new Map<string, Counter>()

  function counterOf(name: string, labels: Record<string, string>): Counter {
    const known = counters.get(name)
    if (known) return known
    const help = `${name.replaceAll('_', ' ')}, counted since the process started`
    const labelNames = Object.keys(labels)
    const made = new Counter({ name: `${prefix}${name}_total`, help, labelNames, registers: [registry] })
    counters.set(name, made)
    return made
  }

  return {
    add(name: string, labels: Record<string, string>): void {
      let key = name
      for (const label in labels) key += `|${labels[label]}`
      const count = counts.get(key)
      if (count) count.value++
      else counts.set(key, { name, labels, value: 1 })
    },
    publish(): void {
      for (const count of counts.values()) {
        counterOf(count.name, count.labels).inc(count.labels, count.value)
        count.value = 0
      }
    },
  }
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const tally = createTally(registry)
  const histograms = new Map<string, Histogram>()
  collectDefaultMetrics({ register: registry, prefix })

  function histogramOf(name: string): Histogram {
    const known = histograms.get(name)
    if (known) return known
    const made = new Histogram({
      name: prefix + name,
      help: name.replaceAll('_', ' '),
      registers: [registry],
    })
    histograms.set(name, made)
    return made
  }

  return {
    count: (name, labels = {}) => tally.add(name, labels),
    observe: (name, seconds) => histogramOf(name).observe(seconds),
    watch({ name, help, read }) {
      new Gauge({
        name: prefix + name,
        help,
        labelNames: ['account', 'channel', 'state'],
        registers: [registry],
        async collect() {
          this.reset()
          for (const { labels, value } of await read()) this.set(labels, value)
        },
      })
    },
    expose() {
      tally.publish()
      return registry.metrics()
    },
  }
}
