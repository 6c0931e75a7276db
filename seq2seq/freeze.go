package seq2seq

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retell-rnn/retell/rnn"
)

// paramPart is a group of a network's parameters: all whose names begin with one of its prefixes.
type paramPart struct {
	name     string
	prefixes []string
}

// parts lists the parts of all kinds of networks.
func parts() []paramPart {
	all := encoderParts()
	for _, k := range headKinds() {
		all = append(all, k.parts()...)
	}
	return all
}

// allEmbeddings is the part that holds the embeddings of both sides.
const allEmbeddings = "embeddings"

// partNames returns the names of all parts, sorted.
func partNames() []string {
	var names []string
	for _, p := range parts() {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	names = append(names, allEmbeddings)
	slices.Sort(names)
	return names
}

// partOf returns the name of the part that a parameter belongs to. The longest matching prefix decides.
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
func (n *layers) paramsOf(name string) []*rnn.Param {
	names := []string{name}
	if name == allEmbeddings {
		names = []string{"source_embeddings", "target_embeddings"}
	}
	var out []*rnn.Param
	for p := range n.params.All() {
		shared := slices.Contains(names, "output") && n.head.rows(p) == predicted || slices.Contains(names, "source_embeddings") && n.source != nil && p == n.source.Weight
		if shared || slices.Contains(names, partOf(p.Name)) {
			out = append(out, p)
		}
	}
	return out
}

// freeze freezes the parameters of the named parts, and thaws all others.
func (n *layers) freeze(names []string) error {
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

// partNames returns the names of the network's parts.
func (n *layers) partNames() []string {
	var names []string
	for _, name := range partNames() {
		if len(n.paramsOf(name)) > 0 {
			names = append(names, name)
		}
	}
	return names
}
