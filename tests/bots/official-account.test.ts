/** The Official Account: the contract of all channels, in plain and safe mode, and without the right to send. */
import { describeChannel } from './contract.ts'
import { keys, openAccountHouse } from './official-account-stage.ts'

describeChannel('An Official Account in plain mode', () => openAccountHouse())
describeChannel('An Official Account in safe mode', () => openAccountHouse({ aesKey: keys.aesKey }))
describeChannel('An Official Account that can only answer', () => openAccountHouse({ passiveOnly: true }))
