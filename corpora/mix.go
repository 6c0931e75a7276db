package corpora

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Mix replaces a random share of lines by the results of replace, for example to test a detector of anomalies.
// replaced[i] reports whether mixed[i] was replaced. The number of replaced lines is rounded; the seed fixes the
// result.
func Mix(lines []string, share float64, seed uint64, replace func(rng *rand.Rand, line string) string) (mixed []string, replaced []bool, err error) {
	if !(share >= 0 && share <= 1) {
		return nil, nil, fmt.Errorf("corpora: mixing: share is %v: want 0 to 1", share)
	}
	rng := rand.New(rand.NewPCG(seed, hash(0, "mix")))
	mixed, replaced = slices.Clone(lines), make([]bool, len(lines))
	for _, i := range rng.Perm(len(lines))[:int(math.Round(share*float64(len(lines))))] {
		mixed[i], replaced[i] = replace(rng, lines[i]), true
	}
	return mixed, replaced, nil
}

// ShuffleWords returns the words of a line in a different order, if there is one.
func ShuffleWords(rng *rand.Rand, line string) string {
	words := strings.Fields(line)
	distinct := slices.ContainsFunc(words, func(w string) bool { return w != words[0] })
	shuffled := slices.Clone(words)
	for distinct && slices.Equal(shuffled, words) {
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	}
	return strings.Join(shuffled, " ")
}

// Draw returns a function for [Mix] that replaces lines by others in random order. It uses all of them before it
// repeats one.
func Draw(others []string) func(rng *rand.Rand, line string) string {
	var order []int
	return func(rng *rand.Rand, _ string) string {
		if len(order) == 0 {
			order = rng.Perm(len(others))
		}
		i := order[0]
		order = order[1:]
		return others[i]
	}
}
