// Package corpora reads, generates, filters and splits the examples that models learn from.
//
// An [Example] is a source and its acceptable targets. Data is a stream: an [iter.Seq2] of a value and an error.
//
//   - Files: [Lines], [Pairs], [Parallel] and [Format.Read] (TSV, JSON Lines, CMUdict, SIGMORPHON 2017).
//   - Texts that mean the same, for sentence vectors: [Format.Read] of sets, triplets and judged pairs.
//   - Sentences with labels for their tokens: [Format.Read] of CoNLL, CoNLL-U, token/LABEL and JSON Lines, written by
//     [WriteCoNLL], [WriteTagged] and [WriteTokens]; [ToIOB2], [FromIOB2] and [GuessScheme] know how labels mark spans.
//   - From a second file: [Aligned] adds an [Alignment] to each example, [Weighted] a weight.
//   - Lines with a class, a [Labeled]: [Classes], [LabeledTSV], [TREC].
//   - Pairs of sentences with a similarity, a [Judged]: [STS], [SICK].
//   - Pretrained embeddings, a [WordVector]: [WordVectors].
//   - Made-up tasks: [Task], [TaskSplit].
//   - Streams from streams: [Filter], [Dedup], [Skip], [Concat], [Part], [Batches], [Sources], [Targets].
//   - Slices: [Shuffle], [SplitByKey], [SplitCounts], [SplitSets], [WithoutTexts], [Mix], [Visits]; [Stream] and
//     [Collect] convert.
//   - Statistics: [Measure]. Output: [WriteTSV], [WriteJSONL], [WriteTable].
//
// # Errors
//
// An error about a single line ([IsLineError]) takes the place of its item, and the stream continues; [Skip] counts
// such errors. Any other error ends the stream. An [Error] names the file and the line.
//
// # Files
//
// A stream opens its file when a range over it begins and closes the file when the range ends, even early. Streams can
// be ranged over again, except for standard input.
//
// No side of an example contains a line break. Sides that are sequences of symbols (cmudict, sigmorphon, copy, reverse,
// sort) are tokens joined by single spaces: split them at U+0020 only.
package corpora
