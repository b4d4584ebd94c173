/**
 * The web server: one port, strict security headers, body and rate limits, health, readiness and metrics. Routes
 * and pages are mounted by whoever owns them; addresses are read behind trusted proxies only.
 */

export { clientAddress, parseNetworks } from './address.ts'
export { createLimit, type Limit } from './limits.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export {
  type App,
  createApp,
  listen,
  type Mount,
  mount,
  mountConsole,
  mountPage,
  type Part,
  problem,
  type Readiness,
  type RunningServer,
  type ServerOptions,
} from './server.ts'
