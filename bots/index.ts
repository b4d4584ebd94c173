/** Channels by name, each loaded only where it is switched on. */
export const bots = {
  'official-account': async () => (await import('./official-account/index.ts')).createOfficialAccount,
  terminal: async () => (await import('./terminal/index.ts')).createTerminal,
  telegram: async () => (await import('./telegram/index.ts')).createTelegram,
  wechaty: async () => (await import('./wechaty/index.ts')).createWechaty,
  'web-chat': async () => (await import('./web-chat/index.ts')).createWebChat,
} as const
