/** Telegram: the contract of all channels, asked for updates and called by the webhook. */
import { describeChannel } from './contract.ts'
import { openTelegramHouse } from './telegram-chat.ts'

describeChannel('Telegram by polling', () => openTelegramHouse({ way: 'polling' }))
describeChannel('Telegram by webhook', () => openTelegramHouse({ way: 'webhook' }))
