// Package safetensors reads and writes safetensors files: named arrays with a header of JSON that any safetensors
// library reads. Arrays of float32 are read and written as slices; those, int64 and bytes also as streams.
//
// A file is an 8-byte little-endian length, a header of that length, and the arrays' values, little-endian, without
// gaps:
//
//	{"__metadata__":{"key":"text"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...}
//
// Files written here carry checksums in the metadata key [ChecksumKey], which other libraries pass over. A file that
// has them is verified as it is read, so that damage is an error and never a wrong number; a file without them is read
// on trust.
package safetensors

import "math"

// ChecksumKey is the metadata key that holds the checksums. It belongs to this package: a caller neither writes nor
// sees it.
//
// Its value is CRC-32C figures of 8 hexadecimal digits, one space apart: first the header's own, computed with these 8
// digits as zeros, then each array's in file order. Whoever changes such a file with other tools leaves the key out of
// what is written.
const ChecksumKey = "crc32c"

// The types of elements that are supported.
const (
	F32 = "F32"
	I64 = "I64"
	U8  = "U8"
)

const (
	metadataKey = "__metadata__"

	// maxHeader is the longest header that other libraries read.
	maxHeader = 100_000_000

	// chunkBytes is how much is converted at a time; a multiple of 4.
	chunkBytes = 64 << 10
)

// elements returns how many values an array of the given shape holds; ok is false where a size is negative or 8 times
// the product exceeds an int64. No sizes at all is a single value.
func elements(shape []int) (n int64, ok bool) {
	n = 1
	for _, size := range shape {
		if size < 0 {
			return 0, false
		}
		if size > 0 && n > math.MaxInt64/8/int64(size) {
			return 0, false
		}
		n *= int64(size)
	}
	return n, true
}

// sizeOf returns the bytes of an element, or 0 for a type that is not supported.
func sizeOf(dtype string) int64 {
	switch dtype {
	case F32:
		return 4
	case I64:
		return 8
	case U8:
		return 1
	}
	return 0
}
