package main

import (
	"github.com/retell-rnn/retell/seqae/vectors"
)

// indexInfo is what index build --json writes.
type indexInfo struct {
	Rows          int                    `json:"rows"`          // number of rows
	Width         int                    `json:"width"`         // length of the vectors
	Approximation *vectors.Approximation `json:"approximation"` // cells of the index; null for an exact one
	versioned
}

// foundRows is a line of index search --json and nearest --json: the answer to one query.
type foundRows struct {
	Query     string     `json:"query"`     // text of the query
	Neighbors []foundRow `json:"neighbors"` // rows, the nearest first; none for a blank query
}

// foundRow is a row near a query.
type foundRow struct {
	Row        int     `json:"row"`        // number of the row, from 1
	Similarity float32 `json:"similarity"` // cosine of the two vectors, -1 to 1
	Text       string  `json:"text"`       // text of the row
}

// similarPair is a line of similar --json: a line of A and a line of B.
type similarPair struct {
	Score      float64 `json:"score"`      // cosine of the two vectors, -1 to 1; with --mine, the margin score, about 1 or more
	Similarity float32 `json:"similarity"` // cosine of the two vectors, -1 to 1
	ARow       int     `json:"a_row"`      // number of the line of A, from 1
	A          string  `json:"a"`          // text of the line of A
	BRow       int     `json:"b_row"`      // number of the line of B, from 1
	B          string  `json:"b"`          // text of the line of B
}

// clustering is what cluster --json writes.
type clustering struct {
	vectors.Clustering
	versioned
}
