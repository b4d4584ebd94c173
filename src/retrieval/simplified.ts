/** Traditional characters as simplified ones, with the dictionaries of OpenCC. */
import { ConverterFactory } from 'opencc-js/core'
import characters from 'opencc-js/dict/TSCharacters'
import phrases from 'opencc-js/dict/TSPhrases'
import variants from 'opencc-js/dict/TWVariantsRev'

/** The text in simplified characters; the words stay as they are. */
export const simplify: (text: string) => string = ConverterFactory([variants], [phrases, characters])
