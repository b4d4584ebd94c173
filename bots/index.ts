/** Channels by name, each loaded only where it is switched on. */
export const bots = {
  mail: async () => (await import('./mail/index.ts')).createMail,
  'official-account': async () => (await import('./official-account/index.ts')).createOfficialAccount,
  terminal: async () => (await import('./terminal/index.ts')).createTerminal,
  telegram: async () => (await import('./telegram/index.ts')).createTelegram,
  wechaty: async () => (await import('./wechaty/index.ts')).createWechaty,
  'web-chat': async () => (await import('./web-chat/index.ts')).createWebChat,
  'wecom-robot': async () => (await import('./wecom-robot/index.ts')).createWecomRobot,
} as const
