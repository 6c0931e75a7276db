package seq2seq

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/rnn"
)

// paramPart is a group of a model's parameters: those whose names begin with one of its prefixes, or all of other
// parts.
type paramPart struct {
	name     string
	prefixes []string
	of       []string
}

// parts lists the groups. Of two prefixes that fit a name, the longer one counts.
func parts() []paramPart {
	return []paramPart{
		{name: "encoder", prefixes: []string{"encoder."}},
		{name: "decoder", prefixes: []string{"decoder."}},
		{name: "attention", prefixes: []string{"decoder.attention."}},
		{name: "embeddings", of: []string{"source_embeddings", "target_embeddings"}},
		{name: "source_embeddings", prefixes: []string{"source.embedding.", "source.factor."}},
		{name: "target_embeddings", prefixes: []string{"target.embedding."}},
		{name: "output", prefixes: []string{"output.", "copy.", "labels."}},
		{name: "bridge", prefixes: []string{"bridge."}},
		{name: "bottleneck", prefixes: []string{"bottleneck."}},
	}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// partOf returns the name of the part that a parameter belongs to.
func partOf(param string) string {
	name, longest := "", 0
	for _, p := range parts() {
		for _, prefix := range p.prefixes {
			if len(prefix) > longest && strings.HasPrefix(param, prefix) {
				name, longest = p.name, len(prefix)
			}
		}
	}
	return name
}

// paramsOf returns the parameters of a part. A matrix that two parts share belongs to both.
func (n *network) paramsOf(name string) []*rnn.Param {
	names := []string{name}
	for _, p := range parts() {
		if p.name == name && p.of != nil {
			names = p.of
		}
	}
	var out []*rnn.Param
	for p := range n.params.All() {
		shared := slices.Contains(names, "output") && p == n.output.Weight || slices.Contains(names, "source_embeddings") && p == n.source.Weight
		if shared || slices.Contains(names, partOf(p.Name)) {
			out = append(out, p)
		}
	}
	return out
}

// freeze lets the parameters of the named parts, and no others, stay as they are in training.
func (n *network) freeze(names []string) error {
	for p := range n.params.All() {
		p.Frozen = false
	}
	for _, name := range names {
		frozen := n.paramsOf(name)
		if len(frozen) == 0 {
			return fmt.Errorf("freeze: the model has no parameters of its %s: want some of %s", name, strings.Join(n.partNames(), ", "))
		}
		for _, p := range frozen {
			p.Frozen = true
		}
	}
	for p := range n.params.All() {
		if !p.Frozen {
			return nil
		}
	}
	return errors.New("freeze: all parameters are frozen: want some to train")
}

// partNames lists the parts that the network has.
func (n *network) partNames() []string {
	var names []string
	for _, name := range partNames() {
		if len(n.paramsOf(name)) > 0 {
			names = append(names, name)
		}
	}
	return names
}
