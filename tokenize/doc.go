// Package tokenize turns lines of text into the token ids that a network reads, and ids back into text.
//
//   - [Learn] learns a [Codec] from text, as its [Config] says. A codec holds the configuration and the vocabulary
//     ([Vocab]), is stored in a model file as JSON, and is safe for concurrent use.
//   - [Codec.Encode], [Codec.Tokens] and [Codec.Decode] convert lines; [Codec.EncodeDropout] samples segmentations.
//   - [Codec.Extend] adds the tokens of other text; [Codec.Unseen] lists the words or characters that a codec lacks.
//   - [SubwordNMT] is byte-pair encoding in the format of subword-nmt, for text that is prepared that way.
//
// Both sides of a model share a vocabulary if one codec learns from both streams.
//
// # Kinds of tokens
//
//   - bpe: pieces of words, learned by byte-pair encoding (Sennrich, Haddow and Birch, Neural Machine Translation of
//     Rare Words with Subword Units, 2016). A piece includes the space before it. A line is encoded as if a space
//     preceded it, so that a word has the same pieces at the start of a line and inside it.
//   - words: Unicode words (UAX #29). One space between two tokens is the default and is not stored. A punctuation
//     mark, not the word, records a missing space: "world" is one entry of the vocabulary in "Hello, world.", "world"
//     and "(world)".
//   - space: words between white space, or between U+0020 if lossless. For text that is already tokenized.
//   - chars: grapheme clusters (UAX #29), which readers see as characters.
//   - bytes: the 256 bytes of UTF-8.
//   - line: whole lines, for labels.
//   - fields: what stands between tabs, whole: the tokens, or the labels, of a labeled sequence.
//
// # Text
//
// A line is prepared in one order, in training and in use: decode UTF-8, remove invisible marks (soft hyphens,
// zero-width spaces, byte order marks), apply the normal form, trim white space and fold each run of it to one space,
// fold case, split. So an additional space, a tab or a no-break space changes no token, and a blank line has none.
// [Config.Lossless] keeps white space and marks, and so do fields. If all letters of the learned text
// have one case, lines are folded to it unless [Config.KeepCase] is set.
//
// For bpe, chars and bytes, Decode(Encode(line)) is the normalized line for every line: unknown characters are spelled
// in byte tokens. For words, it is the normalized line with unknown words replaced by <unk> and its spacing intact.
//
// # Written forms
//
// Ids 0 to 3 are the special symbols <pad>, <unk>, <s> and </s>. [Vocab.Token] and [Codec.Tokens] return the written
// form of a token, which is unique in the vocabulary:
//
//	<0xE2>    a byte token
//	▁         a space inside a token
//	￭         (words) no space on this side: "￭," directly follows its neighbor, "(￭" is directly followed
//	\         escapes text that would read as one of these: \▁, \￭, \\, \<pad>
//
// Tokens of kinds space, line and fields are written unchanged; only text that looks like a special symbol is escaped.
package tokenize
