package corpora

import "iter"

// Dedup streams the first example of every key, and counts kept and dropped examples in report, which may be nil. It
// keeps a digest of 16 bytes for every key in memory.
func Dedup(examples iter.Seq2[Example, error], key Key, report *Report) iter.Seq2[Example, error] {
	if key == nil {
		key = BySource
	}
	return sift(examples, report, func() (judge, error) {
		seen := make(map[[16]byte]struct{})
		return func(e Example) string {
			k := digest(key(e))
			if _, ok := seen[k]; ok {
				return "duplicate"
			}
			seen[k] = struct{}{}
			return ""
		}, nil
	})
}
