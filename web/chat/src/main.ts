/** The page: puts its parts together. */
import { showAbout } from './about.ts'
import { createComposer } from './composer.ts'
import { createConfirm } from './confirm.ts'
import { createConnectionLine } from './connection.ts'
import { createConversation, type View } from './conversation.ts'
import { get, setText } from './elements.ts'
import { createLog } from './log.ts'
import { createScroller } from './scroller.ts'
import { openShelf } from './shelf.ts'
import { createTextSize } from './text-size.ts'
import { followViewport } from './viewport.ts'
import { createWelcome } from './welcome.ts'

// A conversation that is shown again is not read out from its beginning.
const recallMs = 3_000

const shelf = openShelf()
createTextSize(shelf)
followViewport()
void showAbout(shelf)

const log = createLog(get('log'), {
  choose: choice => conversation.choose(choice),
  takeBack: clientId => composer.put(conversation.takeBack(clientId)),
})
const scroller = createScroller(get('scroller'), get<HTMLButtonElement>('newer'))
const welcome = createWelcome(question => {
  get('scroller').focus({ preventScroll: true })
  conversation.say(question)
})

function show({ entries, typing }: View): void {
  scroller.after(() => {
    welcome.show(entries.length === 0)
    setText(get('typing'), typing ? '正在输入' : '')
    return log.show(entries)
  })
}

const conversation = createConversation({ shelf, show, connected: createConnectionLine() })
const composer = createComposer(text => {
  readOut()
  conversation.say(text)
})
const ask = createConfirm()

function readOut(): void {
  get('log').setAttribute('aria-live', 'polite')
}

function renew(): void {
  conversation.renew()
  composer.focus()
}

get('renew').addEventListener('click', () => {
  if (conversation.isEmpty()) composer.focus()
  else ask({ unsent: conversation.hasUnsent() }, renew)
})
get('skip').addEventListener('click', event => {
  event.preventDefault()
  composer.focus()
})
addEventListener('online', () => conversation.wakeUp('changed'))
addEventListener('pageshow', event => event.persisted && conversation.wakeUp('changed'))
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') conversation.wakeUp('same')
})

get('log').setAttribute('aria-live', 'off')
setTimeout(readOut, recallMs)
conversation.start()
