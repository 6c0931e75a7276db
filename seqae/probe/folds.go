package probe

import (
	"math/rand/v2"
)

// fold is a division of lines into training and test lines, by index.
type fold struct{ train, test []int }

// stratified returns k folds. Each line is a test line of one fold, drawn with the seed, and every fold's test lines
// have nearly the same share of each class.
func stratified(classes []int, k int, seed uint64) []fold {
	of := make([]int, len(classes)) // fold that tests each line
	next := 0
	for _, members := range byClass(classes) {
		rng := rand.New(rand.NewPCG(seed, uint64(next)))
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		for _, i := range members {
			of[i] = next % k
			next++
		}
	}
	folds := make([]fold, k)
	for i, at := range of {
		for f := range folds {
			if f == at {
				folds[f].test = append(folds[f].test, i)
			} else {
				folds[f].train = append(folds[f].train, i)
			}
		}
	}
	return folds
}

// byClass returns the indices of the lines of each class.
func byClass(classes []int) [][]int {
	var members [][]int
	for i, c := range classes {
		for len(members) <= c {
			members = append(members, nil)
		}
		members[c] = append(members[c], i)
	}
	return members
}

// within translates a fold of positions in indices into a fold of the indices themselves.
func (f fold) within(indices []int) fold {
	at := func(part []int) []int {
		out := make([]int, len(part))
		for i, k := range part {
			out[i] = indices[k]
		}
		return out
	}
	return fold{at(f.train), at(f.test)}
}
