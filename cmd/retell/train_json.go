package main

import (
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae/linear"
)

// trainRecord is a validation: a line of train --json and classify train --json.
type trainRecord struct {
	Step            int     `json:"step"`                      // step after which it was validated, from 1
	Steps           int     `json:"steps"`                     // greatest number of steps that the training can have
	Epoch           int     `json:"epoch"`                     // epoch of the step, from 1
	Loss            float64 `json:"loss"`                      // training loss since the last validation: mean over target tokens, or sets of an embedder, in nats
	Rate            float64 `json:"rate"`                      // learning rate of the step
	TokensPerSecond float64 `json:"tokens_per_second"`         // target tokens a second, or sets of an embedder
	ValidLoss       float64 `json:"valid_loss"`                // validation loss: mean over target tokens, or sets of an embedder, in nats
	ValidPerplexity float64 `json:"valid_perplexity,omitzero"` // e to valid_loss, 1 or more; absent for embedders
	ValidAccuracy   float64 `json:"valid_accuracy"`            // share of target tokens that were the likeliest, or of an embedder's sets that found their partner, 0 to 1

	ValidScore *float64 `json:"valid_score,omitempty"` // score by the metric of train.validate_by; absent without one
	Best       bool     `json:"best"`                  // whether the validation is the best so far

	Samples []seq2seq.Sample   `json:"samples,omitempty"` // examples with the model's outputs, as many as train.samples says
	Also    []seq2seq.SetScore `json:"also,omitempty"`    // results on the data of data.also

	// Measures of the sentence vector, for models with a bottleneck: gain, in nats a target token; for variational ones
	// also divergence and mutual_information, in nats, and active_units, a number of dimensions.
	Vector map[string]float64 `json:"vector,omitempty"`

	Figures map[string]map[string]float64 `json:"figures,omitempty"` // further figures of the objective, by subject

	// For autoencoders that write lines back.
	Exact             *float64 `json:"exact_match,omitempty"`        // share of lines that come back exactly, 0 to 1
	RewrittenAccuracy *float64 `json:"rewritten_accuracy,omitempty"` // share of tokens that come back in their place, 0 to 1
}

// frozenFit is what classify train --frozen --json writes.
type frozenFit struct {
	linear.Report
	versioned
}

// plan is what train --dry-run --json writes.
type plan struct {
	seq2seq.Plan
	versioned
}

// trial is one training of an ablation: a line of results.jsonl.
type trial struct {
	Settings []string           `json:"settings"`              // settings of the grid, as KEY=VALUE
	Seed     uint64             `json:"seed"`                  // train.seed
	Model    string             `json:"model"`                 // file of the model
	Base     string             `json:"base,omitempty"`        // hash of all settings and of the data; absent from files of old versions
	Loss     float64            `json:"valid_loss"`            // validation loss: mean over target tokens, in nats
	Accuracy float64            `json:"valid_accuracy"`        // share of target tokens that were the likeliest, 0 to 1
	Metric   string             `json:"metric,omitempty"`      // metric that validations are compared by; absent for the loss
	Score    *float64           `json:"score,omitempty"`       // score by that metric
	Exact    *float64           `json:"exact_match,omitempty"` // share of lines that come back exactly, 0 to 1; for autoencoders
	Vector   map[string]float64 `json:"vector,omitempty"`      // figures of the sentence vector, as in train --json; for models with a bottleneck
	Failed   string             `json:"failed,omitempty"`      // reason why there are no figures
}

// combination sums up the trials of one combination of settings: a line of ablate --json, the best first.
type combination struct {
	Settings []string `json:"settings"`                 // settings of the grid, as KEY=VALUE
	Seeds    []uint64 `json:"seeds"`                    // seeds of the trials that have figures; null if none has
	Best     bool     `json:"best,omitempty"`           // whether this is the best of several
	Metric   string   `json:"metric,omitempty"`         // metric that validations are compared by; absent for the loss
	Score    *spread  `json:"score,omitempty"`          // score by that metric
	Loss     *spread  `json:"valid_loss,omitempty"`     // validation loss, in nats a token
	Accuracy *spread  `json:"valid_accuracy,omitempty"` // share of target tokens that were the likeliest, 0 to 1
	Exact    *spread  `json:"exact_match,omitempty"`    // share of lines that come back exactly, 0 to 1; for autoencoders
	Gain     *spread  `json:"gain,omitempty"`           // gain of the sentence vector, in nats a token; for models with a bottleneck
	Failed   []string `json:"failed,omitempty"`         // reasons of the trials without figures
}

// spread is a figure over several trials.
type spread struct {
	Mean      float64  `json:"mean"`                // mean over the trials
	Deviation *float64 `json:"deviation,omitempty"` // standard deviation, of the sample; absent for one trial
}

// labeledLine is a line of classify predict --json.
type labeledLine struct {
	seq2seq.Prediction
	Probabilities map[string]float32 `json:"probabilities"` // probability of each label, 0 to 1; they add up to 1
}

// classReport is what classify eval --json writes.
type classReport struct {
	seq2seq.ClassReport
	versioned
}
