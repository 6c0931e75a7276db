package main

import (
	"github.com/retell-rnn/retell/cmd/retell/internal/bench"
	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/buildinfo"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
	"github.com/retell-rnn/retell/seq2seq/runlog"
	"github.com/retell-rnn/retell/seqae"
	"github.com/retell-rnn/retell/seqae/anomaly"
	"github.com/retell-rnn/retell/seqae/linear"
	"github.com/retell-rnn/retell/seqae/probe"
	"github.com/retell-rnn/retell/seqae/repair"
	"github.com/retell-rnn/retell/seqae/vectors"
)

// jsonOutputs are all outputs in the order of help.
func jsonOutputs() []jsonOutput {
	all := append(trainOutputs(), useOutputs()...)
	all = append(all, vectorOutputs()...)
	all = append(all, measureOutputs()...)
	return append(all, toolOutputs()...)
}

func ref[T any](v T) *T { return &v }

func hypothesis() seq2seq.Hypothesis {
	return seq2seq.Hypothesis{
		Text: "Ein Hund rennt .", Score: -0.21, LogProb: -1.05, Tokens: []string{"Ein", "Hund", "rennt", "￭.", "</s>"},
		LogProbs: []float32{-0.25, -0.5, -0.25, -0.03, -0.02}, Probability: 1, Confidence: 0.68, Entropy: 0.4,
		Margins: []float32{0.6, 0.3, 0.6, 0.95, 0.95}, Entropies: []float32{0.5, 0.9, 0.5, 0.05, 0.05},
	}
}

func vectorFigures() map[string]float64 {
	return map[string]float64{"gain": 1.9, "divergence": 8.5, "mutual_information": 6.2, "active_units": 40}
}

func trainOutputs() []jsonOutput {
	record := trainRecord{
		Step: 400, Steps: 8000, Epoch: 1, Loss: 2.25, Rate: 0.001, TokensPerSecond: 21000, ValidLoss: 2, ValidPerplexity: 7.39, ValidAccuracy: 0.61,
		ValidScore: ref(18.2), Best: true,
		Samples: []seq2seq.Sample{{Source: "A dog runs .", Text: "Ein Hund rennt .", Reference: "Ein Hund läuft ."}},
		Also:    []seq2seq.SetScore{{Name: "news", Loss: 2.4, Accuracy: 0.55}},
	}
	logged := runlog.Record{
		Step: 400, Epoch: 1, Steps: 10, Tokens: 9000, Seconds: 171.4, Loss: 2.25, Rate: 0.001, GradNorm: 1.6, TokensPerSecond: 21000,
		ValidLoss: ref(2.0), ValidAccuracy: ref(0.61), Best: true,
	}
	planned := seq2seq.Plan{
		Parameters: 1_200_000, Pairs: 29000, Tokens: 400_000, BatchSentences: 64, EpochSteps: 454, Steps: 9080,
		Memory: seq2seq.Memory{Weights: 4_800_000, Gradients: 4_800_000, Optimizer: 9_600_000, Copies: 9_600_000, Activations: 31_000_000},
		Data:   12_000_000, Peak: 120_000_000, Speed: 21000, Epoch: 20, All: 400,
	}
	grid := []string{"model.encoder.cell=gru"}
	return []jsonOutput{
		{"retell train --json", lines_, "one object for each validation.", record},
		{"retell train --dry-run --json", document, "", plan{planned, version1()}},
		{"retell train --log FILE", lines_, "one object in FILE for every 10 steps, each validation and each save.", logged},
		{"retell classify train --json", lines_, "one object for each validation.", trainRecord{
			Step: 40, Steps: 800, Epoch: 1, Loss: 0.8, Rate: 0.001, TokensPerSecond: 900, ValidLoss: 0.7, ValidPerplexity: 2.01, ValidAccuracy: 0.72, Best: true,
		}},
		{"retell classify train --frozen --json", document, "", frozenFit{linear.Report{
			Examples: 5452, Labels: 6, Size: 256, Words: 8400, HeldOut: 1091, Accuracy: 0.86, Penalty: 0.001,
		}, version1()}},
		{"retell classify predict --json", lines_, "one object for each line of the input.", labeledLine{
			seq2seq.Prediction{Text: "who wrote Hamlet ?", Label: "HUM", Probability: 0.97}, map[string]float32{"HUM": 0.97, "LOC": 0.03},
		}},
		{"retell classify eval --json", document, "", classReport{seq2seq.ClassReport{
			Examples: 500, Loss: 0.31, Accuracy: 0.9, F1: 0.88,
			Labels: []seq2seq.LabelReport{{Label: "HUM", Examples: 65, Predicted: 66, Right: 62, Precision: 0.9394, Recall: 0.9538, F1: 0.9466}},
		}, version1()}},
		{"retell label train --json", lines_, "one object for each validation.", trainRecord{
			Step: 40, Steps: 800, Epoch: 1, Loss: 0.8, Rate: 0.001, TokensPerSecond: 900, ValidLoss: 0.7, ValidPerplexity: 2.01, ValidAccuracy: 0.92, Best: true,
		}},
		{"retell label predict --json", lines_, "one object for each sentence of the input.", labeledSentence{
			Text: "Ana left Rome", Tokens: []labeledToken{{corpora.Token{Text: "Ana", Start: 0, End: 3}, "B-PER", 0.98}},
			Spans: []labeledSpan{{Type: "PER", Text: "Ana", Start: 0, End: 3, Probability: 0.98}},
			NBest: []labelPath{{[]string{"B-PER"}, -0.02}}, Columns: []labelColumn{{[]string{"PROPN"}, []float64{0.99}}},
		}},
		{"retell label eval --json", document, "", labelEvaluation{[]columnEvaluation{{
			metric.TokenReport{
				Sentences: 1517, Tokens: 51533, Accuracy: 0.97, Interval: &metric.Interval{Mean: 0.97, HalfWidth: 0.002, Samples: 1000}, Exact: 0.71,
				Unknown:   &metric.UnknownScore{Tokens: 3204, Accuracy: 0.88, Interval: &metric.Interval{Mean: 0.88, HalfWidth: 0.01, Samples: 1000}},
				Labels:    []metric.LabelScore{{Label: "B-PER", Gold: 735, Predicted: 740, Right: 690, Precision: 0.9324, Recall: 0.9388, F1: 0.9356}},
				Confusion: []metric.Confusion{{Gold: "B-LOC", Predicted: "B-ORG", Tokens: 41}},
			},
			&metric.SpanReport{
				Micro: spanScore(""), Macro: spanScore(""), Weighted: spanScore(""), Types: []metric.SpanScore{spanScore("PER")},
			},
		}}, version1()}},
		{"retell keys --json", array, "", []settingDoc{{Key: "train.epochs", Type: "whole number", Default: "20", Values: "0 or more", Doc: "Passes over the data."}}},
		{"retell ablate --json", lines_, "one object for each combination of settings, the best first.", combination{
			Settings: grid, Seeds: []uint64{1, 2}, Best: true, Loss: &spread{2.05, ref(0.03)}, Accuracy: &spread{0.6, ref(0.01)},
		}},
		{"retell ablate -o FOLDER", lines_, "one object in FOLDER/results.jsonl for each training.", trial{
			Settings: grid, Seed: 1, Model: "ablation/model.encoder.cell=gru_seed=1.retell", Base: "5b0e1c9f2a7d3e48", Loss: 2.03, Accuracy: 0.61,
			Vector: vectorFigures(),
		}},
	}
}

func spanScore(kind string) metric.SpanScore {
	return metric.SpanScore{
		Type: kind, Gold: 735, Predicted: 750, Right: 660, Precision: 0.88, Recall: 0.898, F1: 0.8889,
		Interval: &metric.Interval{Mean: 0.889, HalfWidth: 0.015, Samples: 1000},
	}
}

func useOutputs() []jsonOutput {
	h := hypothesis()
	return []jsonOutput{
		{"retell translate --json", lines_, "one object for each line of the input.", translation{"A dog runs .", h.Text, []seq2seq.Hypothesis{h}}},
		{"retell translate --json-input", lines_, "one object of the input for each line to translate. Keys other than `text` may be absent.", seq2seq.Input{
			Source: "A dog runs .", Prefix: "Ein", Constraints: []string{"Hund"}, Avoid: []string{"läuft"},
		}},
		{"retell explain --json", document, "", explanation{seq2seq.Explanation{
			Source: []string{"dog", "￭."}, Target: []string{"Hund", "￭.", "</s>"}, Text: "Hund.", LogProbs: []float32{-0.5, -0.03, -0.02},
			Attention: [][]float32{{0.9, 0.1}, {0.2, 0.8}, {0.3, 0.7}}, Alignment: seq2seq.Alignment{{Source: 0, Target: 0}, {Source: 1, Target: 1}},
		}, version1()}},
		{"retell repair --json", lines_, "one object for each line of the input.", newRepairedLine(repair.Repair{
			Source: "teh dog runs .", Text: "the dog runs .", Edits: []repair.Edit{{Start: 1, End: 3, Text: "he", Probability: 0.98}},
			Suggestions: []repair.Suggestion{{Start: 0, End: 3, Candidates: []repair.Candidate{{Text: "the", Probability: 0.98}, {Text: "ten", Probability: 0.01}}}},
		})},
		{"retell reconstruct --json", lines_, "one object for each line of the input.", reconstruction{
			Source: "a dog runs .", Text: "a dog sits .", Edits: 1, SourceTokens: 4, LogProb: -0.6, Tokens: []string{"a", "dog", "sits", ".", "</s>"},
			LogProbs: []float32{-0.1, -0.1, -0.3, -0.05, -0.05},
		}},
		{"retell interpolate --json", lines_, "one object for each place on the path.", seqae.Point{Lambda: 0.25, Text: "a man rides a horse ."}},
		{"retell sample --json", lines_, "one object for each sentence.", sampled{
			"a dog sits .", -0.6, []string{"a", "dog", "sits", ".", "</s>"}, []float32{-0.1, -0.1, -0.3, -0.05, -0.05}, []float32{0.31, -1.2},
		}},
		{"retell anomaly score --json", lines_, "one object for each line of the input.", anomaly.Scored{
			Line: "dog a runs", Score: 5.1, Error: 2.2, Distance: 0.4, Tokens: []anomaly.Token{{Text: "dog", LogProb: -4.1}, {Text: "a", LogProb: -0.3}},
			Surprising: []anomaly.Token{{Text: "dog", LogProb: -4.1}}, Reconstruction: "a dog runs", Nearest: []anomaly.Neighbor{{Line: "a dog runs .", Distance: 0.4}},
		}},
		{"retell anomaly score --labels FILE --json", document, "", anomalyAreas{anomaly.Evaluation{
			Lines: 1000, Anomalies: 50, Score: 0.98, Error: 0.97, Distance: 0.94, TFIDF: 0.81,
		}, version1()}},
	}
}

func vectorOutputs() []jsonOutput {
	answer := foundRows{"a dog runs", []foundRow{{12, 0.93, "a dog is running ."}}}
	return []jsonOutput{
		{"retell embed", lines_, "one object for each line of the input.", embeddedLine{"a dog runs .", []float32{0.31, -1.2}}},
		{"retell index build --json", document, "", indexInfo{50_000, 256, &vectors.Approximation{Cells: 224, Probes: 9, Recall: 0.953, Samples: 1000}, version1()}},
		{"retell index search --json", lines_, "one object for each query.", answer},
		{"retell nearest --json", lines_, "one object for each query.", answer},
		{"retell similar --json", lines_, "one object for each pair, in the order of the mode.", similarPair{1.21, 0.84, 3, "A dog runs .", 17, "Ein Hund rennt ."}},
		{"retell cluster --json", document, "", clustering{vectors.Clustering{
			Clusters:   []vectors.Cluster{{Name: "dog grass running", Words: []string{"dog", "grass", "running"}, Rows: 210}},
			Silhouette: 0.12, Cosine: 0.71, Tried: []vectors.TriedNumber{{Clusters: 2, Silhouette: 0.08}},
		}, version1()}},
	}
}

func measureOutputs() []jsonOutput {
	bleu := metric.Score{
		Metric: "BLEU", Value: 32.1, Signature: "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:retell-1",
		Confidence: &metric.Interval{Mean: 32.1, HalfWidth: 0.9, Samples: 1000},
		Precision: &metric.NGrams{
			Percent: []float64{64.2, 39.9, 26.1, 17.2}, Correct: []int{7704, 4389, 2610, 1548}, Total: []int{12000, 11000, 10000, 9000},
			BrevityPenalty: 0.98, HypothesisLength: 12000, ReferenceLength: 12242,
		},
	}
	wer := metric.Score{Metric: "WER", Value: 41.5, Signature: "nrefs:1|version:retell-1", Ratio: &metric.Ratio{Count: 5081, Of: 12242}}
	test := &metric.Comparison{Baseline: 31.2, System: 32.1, PValue: 0.01, Samples: 1000}
	summary := seq2seq.Summary{
		Seed: 1, Steps: 9080, Epochs: 20, Loss: 1.6, Accuracy: 0.68, TrainPairs: 29000, ValidPairs: 1014, TrainHash: "1f0c4b77", ValidHash: "9a3d5e02",
		Origin:     &seq2seq.Origin{Model: "base.retell", Kind: "seq2seq", Weights: "77c1a0de", Steps: 4000, Taken: 1_100_000, Of: 1_200_000},
		Arithmetic: "avx512", Run: &seq2seq.Run{Date: "2026-01-02T15:04:05Z", Program: "retell v1.0.0", Data: []string{"train.en"}, Valid: []string{"val.en"}},
	}
	return []jsonOutput{
		{"retell eval --json", document, "", evaluation{seq2seq.Report{
			Examples: 1000, Tokens: 14000, Loss: 1.6, Perplexity: 4.95, Accuracy: 0.68, Exact: 0.07, Scores: []metric.Score{wer},
		}, version1()}},
		{"retell eval --json (of a model that repairs lines)", document, "", repairReport{
			Copy: metric.RepairScores{Lines: 1000, Words: 95.4, CER: 0.9, WER: 4.6, Spaces: 100, CleanWords: 5400},
			Model: metric.RepairScores{
				Lines: 1000, Words: 97.2, Sentences: 45.1, Corrected: 52, Precision: 61.2, Recall: 52, F05: 59.1, CER: 0.6, WER: 2.8, Capitals: 99.1,
				Spaces: 100, CleanWords: 5400, Falsely: 0.9,
			},
			Flagged: 2, versioned: version1(),
		}},
		{"retell score --json", lines_, "one object for each metric.", bleu},
		{"retell score --compare --json", lines_, "one object for each metric.", comparison{"WER", wer.Signature, []comparedSystem{
			{"new.de", metric.Compared{Score: wer, Bootstrap: test, Randomization: test}},
		}}},
		{"retell score --sentences --json", lines_, "one object for each sentence.", sentenceScores{1, []float64{43.2, 61.0}}},
		{"retell score-pairs --json", lines_, "one object for each pair.", scoredPair{
			"A dog", "Ein Hund", -0.75, -0.75, []string{"Ein", "Hund", "</s>"}, []float64{-0.25, -0.375, -0.125},
		}},
		{"retell eval-embeddings --json", document, "", embeddingReport{
			Tasks: probe.Report{{
				Task: "sts-dev.csv", Of: "pairs", Size: 1500, Overlap: &probe.Overlap{Texts: 2907, Equal: 57, Near: 97, Examples: 144},
				Models: []probe.Measured{{
					Model: "ae", Figures: []probe.Figure{{Measure: "spearman", Part: "MSRvid", Size: 250, Value: 0.55, Interval: &probe.Confidence{Low: 0.49, High: 0.61}}},
					Baselines: []probe.Baseline{{
						Name: "TF-IDF", Figures: []probe.Figure{{Measure: "spearman", Part: "MSRvid", Size: 250, Value: 0.58}}, Better: []string{"spearman MSRvid"},
					}},
					Tests: []probe.Test{{
						Measure: "spearman", Part: "MSRvid", Baseline: "TF-IDF", Difference: -0.03, Interval: probe.Confidence{Low: -0.07, High: 0.01},
						PValue: 0.16, Method: "paired bootstrap",
					}},
				}},
			}},
			Training:       []trainedOn{{"ae", []string{"train.en.gz"}, nil}},
			Reconstruction: []modelRewriting{{"ae", []probe.Rewriting{{From: 1, To: 0, Lines: 1014, Exact: 0.61, Accuracy: 0.92, BLEU: 85.3, Edits: 0.9}}}},
			versioned:      version1(),
		}},
		{"retell info --json", document, " `config` and `autoencoder` are left empty in the example.", modelInfo{
			Kind: "seqae", Parameters: 1_200_000, Weights: "0d6fbb1b9b2cbf2b", SourceTokens: 8000, TargetTokens: 8000, Summary: summary, versioned: version1(),
		}},
		{"retell bench --json", lines_, "one object for each configuration.", benchRow{
			bench.Result{
				Config: "lstm", Path: "avx512", Precision: "float32", Parameters: 12_000_000, TrainTokS: 9000, StepMS: 140, StepMSQ1: 138, StepMSQ3: 143,
				Flops: 25, GFlops: 178, Limit: 110, GreedyS: 160, GreedyOne: 14, BeamS: 60, BeamOne: 40,
			}, 2, 0.81, 800,
		}},
	}
}

func toolOutputs() []jsonOutput {
	stats := corpora.Stats{
		Lines: 3, DistinctLines: 3, Tokens: 12, DistinctTokens: 9, Min: 3, Mean: 4, Median: 4, P95: 5, P99: 5, Max: 5,
		Histogram: []corpora.Bin{{From: 3, To: 4, Lines: 2}, {From: 5, To: 8, Lines: 1}},
	}
	return []jsonOutput{
		{"retell corpus make --json", lines_, "one object for each example.", exampleLine{"May 3rd, 1999", "1999-05-03"}},
		{"retell corpus stats --json", document, "", corpusStats{stats, stats, &stats, version1()}},
		{"retell corpus split --json", lines_, "one object in the files for each example.", exampleLine{"A dog runs .", "Ein Hund rennt ."}},
		{"retell version --json", document, "", versionInfo{buildinfo.Info{
			Version: "v1.0.0", Commit: "4f1c0d3a9be2", Time: "2026-01-02T15:04:05Z", Go: "go1.26.8", Platform: "linux/amd64",
		}, "avx512", version1()}},
		{"any verb that answers lines, for a line that it cannot answer", lines_, "the object in the place of the answer.", badLine{3, "byte 6 of the line is 0xe9: want UTF-8"}},
	}
}
