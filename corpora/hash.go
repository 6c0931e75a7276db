package corpora

import "crypto/sha256"

// hash is 64-bit FNV-1a over seed and s (Fowler, Noll, Vo), with the finalizer of MurmurHash3 (Appleby). It must never
// change, because splits depend on it.
func hash(seed uint64, s string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for range 8 {
		h = (h ^ seed&0xff) * prime
		seed >>= 8
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// digest returns a short stand-in for a text. In practice, digests of different texts differ.
func digest(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}
