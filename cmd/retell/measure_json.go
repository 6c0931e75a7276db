package main

import (
	"github.com/retell-rnn/retell/cmd/retell/internal/bench"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/linear"
	"github.com/retell-rnn/retell/seqae/probe"
	"github.com/retell-rnn/retell/seqae/repair"
)

// evaluation is what eval --json writes.
type evaluation struct {
	seq2seq.Report
	versioned
}

// comparison is a line of score --compare --json: the systems by one metric.
type comparison struct {
	Metric    string           `json:"metric"`    // name of the metric
	Signature string           `json:"signature"` // settings of the metric
	Systems   []comparedSystem `json:"systems"`   // systems in their order, the baseline first
}

// comparedSystem is a system beside the baseline.
type comparedSystem struct {
	File string `json:"file"` // file of the system's texts
	metric.Compared
}

// sentenceScores is a line of score --sentences --json.
type sentenceScores struct {
	Sentence int       `json:"sentence"` // number of the sentence, from 1
	Scores   []float64 `json:"scores"`   // scores by each metric; with --compare, those of each system in turn
}

// scoredPair is a line of score-pairs --json. For a pair with a blank side, all values but the texts are null.
type scoredPair struct {
	Source   string    `json:"source"`    // source
	Target   string    `json:"target"`    // target
	Score    float64   `json:"score"`     // log_prob after length normalization (--length-norm)
	LogProb  float64   `json:"log_prob"`  // log-probability of the target, in nats
	Tokens   []string  `json:"tokens"`    // tokens of the target, with </s>
	LogProbs []float64 `json:"log_probs"` // log-probability of each token, in nats
}

// embeddingReport is what eval-embeddings --json writes.
type embeddingReport struct {
	Tasks          probe.Report     `json:"tasks"`                    // results of the tasks, in the order of the flags; null without a task
	Training       []trainedOn      `json:"training,omitempty"`       // training data of each model that names it
	Reconstruction []modelRewriting `json:"reconstruction,omitempty"` // results of --reconstruct for each model
	versioned
}

// trainedOn says which training data of a model was searched for the texts of the tasks.
type trainedOn struct {
	Model    string   `json:"model"`               // name of the model
	Data     []string `json:"data"`                // names of the files that the model was trained on
	NotGiven []string `json:"not_given,omitempty"` // those that --seen does not name, so that overlap with them is unknown
}

// modelRewriting is a model's result of --reconstruct.
type modelRewriting struct {
	Model   string            `json:"model"`   // name of the model
	Lengths []probe.Rewriting `json:"lengths"` // results by length of the lines, all lines first
}

// modelInfo is what info --json writes.
type modelInfo struct {
	Kind         string           `json:"kind"`                  // kind of the model: seq2seq, seqae, classifier, embedder, labeler, repairer or linear classifier
	Parameters   int              `json:"parameters"`            // number of weights
	Weights      string           `json:"weights"`               // hash of the weights
	SourceTokens int              `json:"source_tokens"`         // size of the source vocabulary
	TargetTokens int              `json:"target_tokens"`         // size of the target vocabulary
	Config       seq2seq.Config   `json:"config"`                // settings of the section model
	Autoencoder  *seqae.Objective `json:"autoencoder,omitempty"` // settings of the section autoencoder; of kind seqae
	Repair       *repair.Task     `json:"repair,omitempty"`      // settings of the section repair; of kind repairer
	Lexicon      int              `json:"lexicon,omitempty"`     // number of words of a repairer's lexicon
	Summary      seq2seq.Summary  `json:"summary"`               // training behind the weights
	Linear       *linear.Report   `json:"linear,omitempty"`      // fit of a linear classifier; the other keys describe the model that makes its vectors
	versioned
}

// benchRow is a line of bench --json: one configuration.
type benchRow struct {
	bench.Result
	Threads  int     `json:"threads"`                // number of threads
	Share    float64 `json:"share_of_limit"`         // gflop_s as a share of the limit of all threads
	Resident float64 `json:"resident_mib,omitempty"` // peak memory of the process, in MiB; absent if the system does not report it
}
