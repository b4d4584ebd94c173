/** Asks before the conversation on the page is put away. */
import { get, setText } from './elements.ts'

const kept = '这里显示的内容会清空，以后不能再从本页找回。'
const unsent = '有消息还没有发出，开始新对话后不再发送；'

/** Resolves when the citizen agrees; never when not. */
export function createConfirm(): (options: { unsent: boolean }, agreed: () => void) => void {
  const dialog = get<HTMLDialogElement>('confirm')
  let onAgreed = () => {}
  get('confirm-no').addEventListener('click', () => dialog.close())
  get('confirm-yes').addEventListener('click', () => {
    dialog.close()
    onAgreed()
  })
  return (options, agreed) => {
    onAgreed = agreed
    const text = options.unsent ? unsent + kept : kept
    setText(get('confirm-text'), text)
    if (typeof dialog.showModal === 'function') dialog.showModal()
    else if (confirm(`开始新对话？${text}`)) agreed()
  }
}
