package main

import (
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/anomaly"
)

// translation is a line of translate --json.
type translation struct {
	Source      string               `json:"source"`      // line as it was typed
	Translation string               `json:"translation"` // best translation
	Hypotheses  []seq2seq.Hypothesis `json:"hypotheses"`  // translations, the best first: as many as --nbest says, none for an empty line
}

// explanation is what explain --json writes.
type explanation struct {
	seq2seq.Explanation
	versioned
}

// reconstruction is a line of reconstruct --json.
type reconstruction struct {
	Source       string    `json:"source"`        // line as it was read
	Text         string    `json:"text"`          // line as the model writes it back
	Exact        bool      `json:"exact"`         // whether the two have the same tokens
	Edits        int       `json:"edits"`         // tokens to insert, delete or substitute to turn one into the other
	SourceTokens int       `json:"source_tokens"` // number of tokens of the line
	LogProb      float64   `json:"log_prob"`      // log-probability of text, in nats
	Tokens       []string  `json:"tokens"`        // tokens of text, with </s>
	LogProbs     []float32 `json:"log_probs"`     // log-probability of each token, in nats

	Hypotheses []seq2seq.Hypothesis `json:"hypotheses,omitzero"` // ways to write the line back, the likeliest first; with --nbest
}

// sampled is a line of sample --json.
type sampled struct {
	Text     string    `json:"text"`      // sentence
	LogProb  float64   `json:"log_prob"`  // log-probability of the sentence given the vector, in nats
	Tokens   []string  `json:"tokens"`    // tokens of the sentence, with </s>
	LogProbs []float32 `json:"log_probs"` // log-probability of each token, in nats
	Vector   []float32 `json:"vector"`    // vector that the sentence was decoded from
}

// anomalyAreas is what anomaly score --labels --json writes.
type anomalyAreas struct {
	anomaly.Evaluation
	versioned
}
