package main

import (
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/buildinfo"
)

// corpusStats is what corpus stats --json writes.
type corpusStats struct {
	Source corpora.Stats `json:"source"` // side of the sources
	Target corpora.Stats `json:"target"` // side of the targets

	Negatives *corpora.Stats `json:"negatives,omitempty"` // texts that mean something else; absent if there are none

	versioned
}

// versionInfo is what version --json writes.
type versionInfo struct {
	buildinfo.Info
	Arithmetic string `json:"arithmetic"` // instruction set of the matrix products: amx, avx512, avx2 or generic
	versioned
}
