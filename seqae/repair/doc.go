// Package repair restores lines that lost something: letters, accents, case, punctuation or spaces. A model learns from
// clean lines, which noise corrupts anew each time that training reads them, or from given pairs of dirty and clean
// lines.
//
//	r, _, err := repair.Begin(repair.DefaultConfig(), repair.Lines(clean), seed, nil)
//	for p, err := range r.Train(ctx, repair.Lines(clean), held, nil) { ... }
//	for fixed, err := range r.Repair(ctx, lines, nil) { ... } // fixed.Text, fixed.Edits
//
// # Forms
//
//   - [FormEdit] labels each character with what becomes of it ([Edits], [Apply]). It changes nothing but what a label
//     says, so it cannot lose the thread of a line.
//   - [FormWrite] writes the clean line with a decoder that attends to the dirty one and copies from it.
//   - [FormWord] replaces misspelled words by words of a lexicon: those that the noise is likely to make look so, and
//     that a network of the words on both sides expects at the place (package spelling).
//
// All leave a line as it is where they are unsure ([Options].Threshold), and flag a line that would change too much
// ([Options].Bound). A file of kind [Kind] holds a model with all that it needs.
package repair
