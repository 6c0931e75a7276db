// Package safetensors reads and writes safetensors files: named arrays of float32 with a header of JSON that any
// safetensors library reads.
//
// A file is an 8-byte little-endian length, a header of that length, and the arrays' values, little-endian, without gaps:
//
//	{"__metadata__":{"key":"text"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...}
//
// Files written here carry checksums in the metadata key [ChecksumKey], which other libraries pass over. A file that has
// them is verified as it is read, so that damage is an error and never a wrong number; a file without them is read on trust.
package safetensors

import "math"

// ChecksumKey is the metadata key that holds the checksums. It belongs to this package: a caller neither writes nor sees it.
//
// Its value is CRC-32C figures of 8 hexadecimal digits, one space apart: first the header's own, computed with these 8 digits
// as zeros, then each array's in file order. Whoever changes such a file with other tools leaves the key out of what is written.
const ChecksumKey = "crc32c"

const (
	metadataKey = "__metadata__"

	// maxHeader is the longest header that other libraries read.
	maxHeader = 100_000_000

	// chunkBytes is how much is converted at a time; a multiple of 4.
	chunkBytes = 64 << 10
)

// elements returns how many values an array of the given shape holds; ok is false where a size is negative or 4 times the
// product exceeds an int64. No sizes at all is a single value.
func elements(shape []int) (n int64, ok bool) {
	n = 1
	for _, size := range shape {
		if size < 0 {
			return 0, false
		}
		if size > 0 && n > math.MaxInt64/4/int64(size) {
			return 0, false
		}
		n *= int64(size)
	}
	return n, true
}
