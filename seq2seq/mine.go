package seq2seq

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// mine returns hard negatives of sets of a batch. From n random lines of other sets of the portion, it takes the one
// most similar to each anchor, each line once. indices are the batch's pairs.
//
// Wieting and Gimpel, ParaNMT-50M, 2018.
func (t *trainer) mine(indices []int, anchors []member, n int, rng *rand.Rand) []member {
	from := t.portionOf(indices[0]).pairs
	within := make(map[int]bool, len(indices))
	for _, i := range indices {
		within[i] = true
	}
	var candidates []member
	for range n {
		if i := from[rng.IntN(len(from))]; !within[i] {
			candidates = append(candidates, t.train[i].set.any(rng))
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	x, y := t.directions(anchors), t.directions(candidates)
	size := t.contrastSize()
	cosines := make([]float32, len(anchors)*len(candidates))
	kernel.GemmAs(rnn.Float32.Wide(), false, true, len(anchors), len(candidates), size, 1, x, size, y, size, 0, cosines, len(candidates))
	numbers := sentenceNumbers(append(tokensOf(anchors), tokensOf(candidates)...))
	var found []member
	taken := map[int32]bool{}
	for i := range anchors {
		row := cosines[i*len(candidates):][:len(candidates)]
		for k := range row {
			if numbers[len(anchors)+k] == numbers[i] {
				row[k] = float32(math.Inf(-1))
			}
		}
		best := kernel.ArgMax(row)
		if number := numbers[len(anchors)+best]; number != numbers[i] && !taken[number] {
			taken[number] = true
			found = append(found, candidates[best])
		}
	}
	return found
}

func tokensOf(lines []member) [][]int32 {
	out := make([][]int32, len(lines))
	for i, m := range lines {
		out[i] = m.src
	}
	return out
}

// portionOf returns the portion of a pair.
func (t *trainer) portionOf(pair int) portion {
	return t.portions[slices.IndexFunc(t.portions, func(p portion) bool {
		_, ok := slices.BinarySearch(p.pairs, pair)
		return ok
	})]
}

// contrastSize is the number of a vector's numbers that contrast trains.
func (m *Network) contrastSize() int {
	if n := m.config.Bottleneck.Contrast; n > 0 {
		return n
	}
	return m.config.Bottleneck.Size
}

// directions returns the vectors of lines as contrast compares them, scaled to length 1, [lines, contrastSize].
func (m *Network) directions(lines []member) []float32 {
	f, mem := m.inference(inferenceBatch), m.buffers()
	defer m.release(mem)
	size, n := m.config.Bottleneck.Size, m.contrastSize()
	out := make([]float32, len(lines)*n)
	const batch = 256
	for at := 0; at < len(lines); at += batch {
		mem.Reset()
		some := lines[at:min(at+batch, len(lines))]
		src := make([]sourceLine, len(some))
		for i, m := range some {
			src[i] = m.sourceLine
		}
		z, _ := f.head.(packedVectors).vectors(mem, f.encode(mem, src))
		for i := range some {
			kernel.Unit(out[(at+i)*n:][:n], z[i*size:][:n])
		}
	}
	return out
}
