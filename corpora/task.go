package corpora

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// The made-up tasks: source -> target.
//
// Dates are from 1900-01-01 to 2099-12-31, with years of four digits and correct weekdays. No source is ambiguous:
// numeric dates are day, month, year (3/5/1987 is the third of May) or year, month, day. Numbers are from 0 to
// 999,999,999, masculine in Spanish and without "and" in English.
const (
	TaskCopy        = "copy"          // 1 to 10 digits -> the same digits
	TaskReverse     = "reverse"       // 1 to 10 digits -> the digits from last to first
	TaskSort        = "sort"          // 1 to 10 digits -> the digits in ascending order
	TaskDates       = "dates"         // a date written in English or Spanish -> ISO 8601
	TaskNumbers     = "numbers"       // a number in Spanish words -> in English words
	TaskNumbersEnEs = "numbers-en-es" // a number in English words -> in Spanish words
	TaskScenes      = "scenes"        // an English sentence about who does what and where -> the same sentence
)

// Tasks returns the names of the made-up tasks.
func Tasks() []string {
	return []string{TaskCopy, TaskReverse, TaskSort, TaskDates, TaskNumbers, TaskNumbersEnEs, TaskScenes}
}

// maxMisses is the number of draws in a row without a new source after which a task counts as exhausted.
const maxMisses = 1 << 20

// Task streams n examples of a made-up task with distinct sources. The seed fixes them; a larger n only adds examples.
// After about a million draws in a row without a new source, the stream ends in an error with the number of examples.
func Task(name string, seed uint64, n int) iter.Seq2[Example, error] {
	draw, err := taskNamed(name)
	switch {
	case err != nil:
	case n < 0:
		err = fmt.Errorf("corpora: task %s: number of examples is %d: want 0 or more", name, n)
	default:
		return distinct(name, seed, n, draw)
	}
	return func(yield func(Example, error) bool) { yield(Example{}, err) }
}

// TaskSplit returns one part of a made-up task for each size, such as training and test examples. No two parts share a
// source. Concatenated, the parts are the examples of [Task].
func TaskSplit(name string, seed uint64, sizes ...int) ([][]Example, error) {
	total := 0
	for _, size := range sizes {
		if size < 0 {
			return nil, fmt.Errorf("corpora: task %s: size of a part is %d: want 0 or more", name, size)
		}
		total += size
	}
	all, err := Collect(Task(name, seed, total))
	if err != nil {
		return nil, err
	}
	parts := make([][]Example, len(sizes))
	for i, size := range sizes {
		parts[i], all = all[:size:size], all[size:]
	}
	return parts, nil
}

// drawer draws one example.
type drawer func(r *rand.Rand) Example

// taskNamed returns the drawer of a task.
func taskNamed(name string) (drawer, error) {
	switch name {
	case TaskCopy:
		return digits(10, func([]byte) {}), nil
	case TaskReverse:
		return digits(10, slices.Reverse), nil
	case TaskSort:
		return digits(10, slices.Sort), nil
	case TaskDates:
		return dates(), nil
	case TaskNumbers:
		return numbers(spanish, english), nil
	case TaskNumbersEnEs:
		return numbers(english, spanish), nil
	case TaskScenes:
		return scenes(), nil
	}
	return nil, fmt.Errorf("corpora: task is %q: want one of %s", name, strings.Join(Tasks(), ", "))
}

// distinct streams n examples with distinct sources.
func distinct(name string, seed uint64, n int, draw drawer) iter.Seq2[Example, error] {
	return func(yield func(Example, error) bool) {
		r := rand.New(rand.NewPCG(seed, hash(0, name)))
		seen := make(map[string]struct{})
		for misses := 0; len(seen) < n; {
			e := draw(r)
			if _, ok := seen[e.Source]; ok {
				if misses++; misses == maxMisses {
					yield(Example{}, fmt.Errorf("corpora: task %s has only %d distinct sources: want %d", name, len(seen), n))
					return
				}
				continue
			}
			misses = 0
			seen[e.Source] = struct{}{}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// digits draws 1 to longest digits, all lengths equally likely; to turns the source into the target in place.
func digits(longest int, to func([]byte)) drawer {
	return func(r *rand.Rand) Example {
		d := make([]byte, 1+r.IntN(longest))
		for i := range d {
			d[i] = '0' + byte(r.IntN(10))
		}
		source := Letters(string(d))
		to(d)
		return Example{Source: source, Targets: []string{Letters(string(d))}}
	}
}
