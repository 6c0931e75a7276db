// Package spelling finds the words that a misspelled word may have been. A [Lexicon] holds words and how often they
// occur; a [Channel] holds the probability of misspellings. Together they are a noisy channel: the best candidate w for
// a written word d has the greatest P(d|w) P(w).
//
//	confusions, err := noise.Fit(pairs) // of dirty and clean lines
//	channel := spelling.NewChannel(confusions)
//	lexicon := spelling.NewLexicon(counts)
//	for _, c := range lexicon.Candidates(channel, "recieve", 10) { ... }
//
// Kernighan, Church and Gale, A Spelling Correction Program Based on a Noisy Channel Model, 1990; Brill and Moore, An
// Improved Error Model for Noisy Channel Spelling Correction, 2000.
package spelling
