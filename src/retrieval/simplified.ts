/** Traditional characters as simplified ones, with the dictionaries of OpenCC. */
import { ConverterFactory } from 'opencc-js/core'
import characters from 'opencc-js/dict/TSCharacters'
import phrases from 'opencc-js/dict/TSPhrases'
import variants from 'opencc-js/dict/TWVariantsRev'

/** The dictionary without characters that simplified texts use too: 怎么 must not become 怎幺, nor 著名 着名. */
const safe = (dictionary: string): string =>
  dictionary
    .split('|')
    .filter(pair => !/^[么著覆]/u.test(pair))
    .join('|')

/** The text in simplified characters; the words stay as they are. */
export const simplify: (text: string) => string = ConverterFactory(
  [safe(variants)],
  [phrases, safe(characters)],
)
