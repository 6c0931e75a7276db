// Package noise turns clean text into text with the errors of people and machines, before it is tokenized. A model that
// reads the noisy line and writes the clean one learns to repair text.
//
//   - A [Spec] lists steps; [New] makes the [Noise] of it, [ParseSpec] reads one from "typos:rate=0.05,accents".
//   - A [Kind] is one kind of noise. [Kinds] names those of this package; [Step.Own] takes any other.
//   - [Fit] learns [Confusions] from pairs of noisy and clean lines; the kind learned applies them.
//   - [Noise.Examples] streams pairs of noisy and clean lines.
//
// A line draws its rates anew, so that lines with few and with many errors occur, and clean lines. Randomness is an
// argument: equal generators give equal errors.
//
// # Kinds
//
//	kind         what a rate is the share of         errors
//	typos        letters                             neighboring keys, transposed, doubled, left out, inserted letters
//	words        words                               confusable words (their, there) and endings (-able, -ible),
//	                                                 consonants doubled or not, close words of the lexicon
//	phonetic     words                               spelling by sound, with rules for English
//	accents      words                               letters without their diacritics: NFD without combining marks
//	case         words                               lower case
//	flip         words                               another case: lower, upper, capitalized or swapped
//	punctuation  marks , . ? ! : ; … ¿ ¡             left out, except within words and numbers
//	spaces       spaces, and words unless it is 1    left out; words are broken in two
//	ocr          places that a machine misreads      rn and m, l and 1, long s and f, cl and d, e and c
//	learned      characters                          as in the lines that were learned from
package noise
