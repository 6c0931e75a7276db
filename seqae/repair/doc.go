// Package repair restores lines that lost something: letters, accents, case, punctuation or spaces.
//
// [Edits] aligns a dirty line with its clean form and gives each character a label, which says what becomes of it.
// [Apply] is the inverse.
package repair
