package main

import (
	"bufio"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// planTraining writes the plan of the training that c describes.
func planTraining(cmd *cobra.Command, c *runConfig, asJSON bool) error {
	screen := newScreen(cmd)
	log := screen.logger()
	job, err := c.begin(cmd, screen)
	if err != nil {
		return err
	}
	opts := c.options()
	opts.Log = log
	encoding := screen.startWork("encoding")
	defer encoding.end()
	opts.Watch = encoding.watch
	p, err := job.model.Plan(cmd.Context(), job.train, job.valid, &opts)
	encoding.end()
	if err != nil {
		return err
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		if asJSON {
			return writeJSON(w, plan{p, version1()})
		}
		return writePlan(w, p, c.Kind)
	})
}

// printConfig writes all settings of a training as YAML that train reads.
func printConfig(cmd *cobra.Command, c *runConfig) error {
	log := logger(cmd)
	if c.bySize && c.Kind == kindEmbedder {
		train, valid, err := c.Data.loadSets(readOptions(cmd), c.Train.Seed, c.mixes(), log)
		if err != nil {
			return err
		}
		c.settleEmbedder(train, valid, log)
	}
	if c.bySize {
		train, _, err := c.Data.load(readOptions(cmd), c.Train.Seed, log)
		if err != nil {
			return err
		}
		c.settle(len(train), log)
	}
	if c.Output.Model == os.DevNull {
		c.Output.Model = ""
	}
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		r := c.resolved()
		_, err := w.WriteString(r.text())
		return err
	})
}

// text returns the settings as YAML.
func (c *runConfig) text() string {
	text, err := yaml.Marshal(*c)
	if err != nil {
		panic(err) // plain data always encodes
	}
	return string(text)
}

// writePlan writes a plan for people. kind is the kind of the model: an embedder trains on sets.
func writePlan(w *bufio.Writer, p seq2seq.Plan, kind string) error {
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)).Round(time.Second) }
	batches := fmt.Sprintf("%d sentences", p.BatchSentences)
	if p.BatchTokens > 0 {
		batches = fmt.Sprintf("%d source and target tokens", p.BatchTokens)
	}
	data, unit := fmt.Sprintf("%d pairs, %d target tokens", p.Pairs, p.Tokens), "target tokens"
	if kind == kindEmbedder {
		data, unit = fmt.Sprintf("%d sets", p.Pairs), "sets"
	}
	m := p.Memory
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "parameters\t%d\n", p.Parameters)
	fmt.Fprintf(table, "training data\t%s\n", data)
	fmt.Fprintf(table, "batches\t%s\n", batches)
	fmt.Fprintf(table, "steps\t%d an epoch, %d in all\n", p.EpochSteps, p.Steps)
	fmt.Fprintf(table, "memory\t%v at its peak: data %v, weights %v, gradients %v, optimizer %v, copies %v, largest batch %v\n",
		p.Peak, p.Data, m.Weights, m.Gradients, m.Optimizer, m.Copies, m.Activations)
	fmt.Fprintf(table, "speed\t%.0f %s a second\n", p.Speed, unit)
	fmt.Fprintf(table, "time\t%v an epoch, %v in all\n", seconds(p.Epoch), seconds(p.All))
	return table.Flush()
}
