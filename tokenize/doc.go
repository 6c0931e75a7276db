// Package tokenize turns lines of text into the token ids that a network reads, and ids back into text.
//
// A [Config] says how: [Learn] reads a text once and returns a [Codec], which holds the configuration and the
// vocabulary, goes into a model file as JSON, and serves any number of goroutines. A vocabulary that both sides of a
// model share is one Codec that was learnt from both streams.
//
// Five kinds of tokens:
//
//   - bpe: pieces of words, learnt by byte-pair encoding (Sennrich, Haddow and Birch, Neural Machine Translation of
//     Rare Words with Subword Units, 2016). A piece carries the space before it; a line begins as though a space
//     stood before it, so that a word has the same pieces at the start of a line and inside it.
//   - words: Unicode's words (UAX #29). One space between two tokens is the normal case and is not written; where it is
//     absent, the punctuation mark says so and not the word, so that "world" is one entry of the vocabulary in
//     "Hello, world.", in "world" and in "(world)".
//   - space: what stands between spaces; lossless, between U+0020 and no other. For text that something else has
//     tokenized.
//   - chars: what a reader calls a character, grapheme clusters (UAX #29).
//   - bytes: UTF-8 itself, 256 tokens.
//
// # Text
//
// A line is made ready in one order, at training and at use: valid UTF-8, without invisible marks (soft hyphens,
// zero-width spaces, marks of byte order), in the normal form, with white space trimmed and every run of it one space,
// in the case, cut. So one space more, a tab or a no-break space changes no token, and a blank line has none.
// [Config.Lossless] keeps white space and marks. Where the text that was learnt has letters of one case only, other
// lines are folded to it, unless [Config.KeepCase] is set.
//
// For bpe, chars and bytes, no text is lost beyond that: Decode(Encode(line)) is the normalised line, whatever it
// holds, because characters that the vocabulary lacks are spelt in byte tokens. For words it is the normalised line
// with unknown words replaced by <unk>, and every space where it was. [Codec.Unseen] names what a vocabulary lacks of a
// line.
//
// # Written forms
//
// Ids 0 to 3 are the special symbols <pad>, <unk>, <s> and </s>. [Vocab.Token] and [Codec.Tokens] show a token in a
// written form that no other token of the vocabulary has:
//
//	<0xE2>    a byte token
//	▁         a space inside a token
//	￭         (words) no space here: "￭," follows its neighbour at once, "(￭" is followed at once
//	\         before a character of the text that would read as one of these: \▁, \￭, \\, \<pad>
//
// Tokens of kind space stand as they are; only text that looks like a special symbol is written with a backslash before
// it.
//
// [Codec.Extend] adds the tokens of other text behind those of a codec, so that what was trained on its ids goes on
// with them.
//
// [SubwordNMT] is byte-pair encoding in the format and with the marks of subword-nmt, for text prepared that way.
package tokenize
