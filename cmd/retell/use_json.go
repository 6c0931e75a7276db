package main

import (
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/anomaly"
	"github.com/retell-rnn/retell/seqae/repair"
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

// repairedLine is a line of repair --json.
type repairedLine struct {
	Source      string       `json:"source"`               // line as it was read
	Text        string       `json:"text"`                 // repaired line
	Edits       []repairEdit `json:"edits"`                // what has changed, in order; applied to source, they make text
	Flagged     bool         `json:"flagged"`              // whether the line would have changed more than the bound allows, and stays as it is
	Suggestions []suggestion `json:"suggestions,omitzero"` // words that are not certain; with --suggest
}

// repairEdit is a change of a line.
type repairEdit struct {
	Start       int     `json:"start"`       // first byte in source that changes, from 0
	End         int     `json:"end"`         // byte after the last one
	Text        string  `json:"text"`        // text in their place
	Probability float64 `json:"probability"` // probability of the edit, 0 to 1
}

// suggestion lists what a word may become.
type suggestion struct {
	Start      int         `json:"start"`      // first byte of the word in source, from 0
	End        int         `json:"end"`        // byte after the last one
	Candidates []candidate `json:"candidates"` // forms, the likeliest first
}

// candidate is one form of a word.
type candidate struct {
	Text        string  `json:"text"`        // form
	Probability float64 `json:"probability"` // its share of the probability of all forms, 0 to 1
}

// newRepairedLine returns a repair as JSON has it.
func newRepairedLine(r repair.Repair) repairedLine {
	line := repairedLine{Source: r.Source, Text: r.Text, Edits: []repairEdit{}, Flagged: r.Flagged}
	for _, e := range r.Edits {
		line.Edits = append(line.Edits, repairEdit(e))
	}
	for _, s := range r.Suggestions {
		words := suggestion{Start: s.Start, End: s.End}
		for _, c := range s.Candidates {
			words.Candidates = append(words.Candidates, candidate(c))
		}
		line.Suggestions = append(line.Suggestions, words)
	}
	return line
}
