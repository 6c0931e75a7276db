package vectors

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
)

// tellingWords returns up to n words for each of k parts of the texts, the most distinctive first: words that occur
// more often in the part than elsewhere. A word counts once per text. of holds the part of each text, or -1.
//
// The weight of a word is the z-score of its log-odds, with the words of all texts as the prior (Monroe, Colaresi and
// Quinn, Fightin' Words, 2008), times log(1 + texts / texts with the word). The second factor puts content words before
// function words. Words in more than half of the texts of the other parts are left out.
func tellingWords(texts []string, of []int, k, n int) [][]string {
	counts := make([]map[string]int, k)
	for i := range counts {
		counts[i] = map[string]int{}
	}
	all, totals := map[string]int{}, make([]int, k) // counts of words: of each, and per part
	sizes, rows := make([]int, k), 0                // counts of texts: per part, and of all
	for i, text := range texts {
		if of[i] < 0 {
			continue
		}
		sizes[of[i]]++
		rows++
		for word := range distinctWords(text) {
			counts[of[i]][word]++
			all[word]++
			totals[of[i]]++
		}
	}
	total := 0
	for _, t := range totals {
		total += t
	}
	names := make([][]string, k)
	for c, part := range counts {
		type weighted struct {
			word string
			z    float64
		}
		var found []weighted
		for word, count := range part {
			if 2*(all[word]-count) > rows-sizes[c] {
				continue
			}
			if z := logOdds(count, totals[c], all[word], total); z > 0 {
				found = append(found, weighted{word, z * math.Log(1+float64(rows)/float64(all[word]))})
			}
		}
		slices.SortFunc(found, func(a, b weighted) int { return cmp.Or(cmp.Compare(b.z, a.z), cmp.Compare(a.word, b.word)) })
		names[c] = []string{}
		for _, w := range found[:min(n, len(found))] {
			names[c] = append(names[c], w.word)
		}
	}
	return names
}

// logOdds returns the z-score of the log-odds of a word in a part against the rest. The word is count of the part's
// total words, and all−count of the rest's allTotal−total. The prior weighs as much as a tenth of all words, at
// most 500.
func logOdds(count, total, all, allTotal int) float64 {
	priorWords := min(500, float64(allTotal)/10)
	prior := priorWords * float64(all) / float64(allTotal)
	odds := func(count, total int) float64 {
		with := float64(count) + prior
		return math.Log(with / (float64(total) + priorWords - with))
	}
	delta := odds(count, total) - odds(all-count, allTotal-total)
	return delta / math.Sqrt(1/(float64(count)+prior)+1/(float64(all-count)+prior))
}

// distinctWords returns the words of a text that have a letter, in lower case.
func distinctWords(text string) map[string]bool {
	found := map[string]bool{}
	for it := words.FromString(strings.ToLower(text)); it.Next(); {
		if word := it.Value(); strings.ContainsFunc(word, unicode.IsLetter) {
			found[word] = true
		}
	}
	return found
}

// nameOf joins words to a name. Without words, the name is the cluster's number.
func nameOf(words []string, cluster int) string {
	if len(words) == 0 {
		return fmt.Sprintf("cluster %d", cluster+1)
	}
	return strings.Join(words, ", ")
}
