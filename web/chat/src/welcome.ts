/** What stands on the page before anything was said. */
import { get, make, makeButton } from './elements.ts'

const examples = [
  '失业保险金怎么领取？',
  '单位不签劳动合同怎么办？',
  '工伤认定多久内申请？',
  '怎样申请政府信息公开？',
]

export function createWelcome(ask: (question: string) => void): { show(visible: boolean): void } {
  const welcome = get('welcome')
  for (const question of examples) {
    const button = makeButton(question, 'example', () => ask(question))
    get('examples').append(make('li', '', button))
  }
  return {
    show(visible) {
      welcome.hidden = !visible
    },
  }
}
