// Package safetensors reads and writes safetensors files: named arrays behind a JSON header, which every safetensors
// library reads.
//
//   - [Write] writes [Tensor] values, which are float32 slices; [WriteStreams] writes a [Stream] of any supported type.
//   - [NewReader] opens a file: a [Reader] lists its tensors as [Info] and reads them as slices or streams.
//
// A file is an 8-byte little-endian length, a header of that length, and the arrays' values, little-endian, without
// gaps:
//
//	{"__metadata__":{"key":"text"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...}
//
// Files written here carry checksums in the metadata key [ChecksumKey], which other libraries ignore. They are verified
// while the file is read, so that damage is an error and never a wrong number. A file without them is not verified.
package safetensors

import "math"

// ChecksumKey is the metadata key of the checksums. Only this package writes and reads it.
//
// Its value is CRC-32C checksums of 8 hexadecimal digits, separated by spaces: first the header's, computed with zeros
// in the place of its 8 digits, then each array's in file order. Other tools that change a file must drop the key.
const ChecksumKey = "crc32c"

// The supported types of elements.
const (
	F32 = "F32"
	I64 = "I64"
	U8  = "U8"
)

const (
	metadataKey = "__metadata__"

	// maxHeader is the longest header that other libraries read.
	maxHeader = 100_000_000

	// chunkBytes is the bytes that are converted at a time; a multiple of 4.
	chunkBytes = 64 << 10
)

// elements returns the number of values of a shape, 1 if it is empty. ok is false if a size is negative or 8 times the
// number overflows an int64.
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

// sizeOf returns the bytes of an element, or 0 for an unsupported type.
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
