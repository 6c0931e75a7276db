package probe

import (
	"math/rand/v2"
)

// fold is one division of lines into those to learn from and those to test on, by index.
type fold struct{ train, test []int }

// stratified deals the lines out to k folds so that each has nearly the same share of every class; each line is tested
// on once. The seed fixes which.
func stratified(classes []int, k int, seed uint64) []fold {
	of := make([]int, len(classes)) // which fold tests on a line
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

// byClass returns the indices of each class.
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

// within returns the indices of a fold of indices.
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
