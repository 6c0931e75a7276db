// Package corpora reads, makes and divides the examples that models learn from.
//
// Everything is a stream: an [iter.Seq2] of a value and an error. A stream yields an error once, as the last thing that
// it yields. A stream over a file opens it when it is ranged over and closes it when the range ends, also when it ends
// early, so that the same stream may be ranged over again (standard input may not).
//
//	Lines, Pairs, Format.Read     files: lines, aligned pairs, TSV, JSON Lines, CMUdict, SIGMORPHON 2017
//	WordVectors                   pretrained embeddings
//	STS, SICK                     pairs of sentences that people judged
//	Classes, LabelledTSV, TREC    lines with a class
//	Task, TaskSplit               made-up tasks: copy, reverse, sort, dates, numbers
//	Filter, Dedup, Part           streams from streams
//	Shuffle, SplitByKey, Mix, ... what needs the whole corpus in memory
//	Measure                       statistics of one side
//
// No side of an example holds a line break. Sides that are sequences of symbols rather than text (cmudict, sigmorphon,
// copy, reverse, sort) are tokens joined by single spaces: split them at U+0020 and nowhere else.
package corpora
