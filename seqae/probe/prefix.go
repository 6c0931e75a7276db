package probe

import (
	"context"
	"fmt"
	"slices"
)

// Prefix returns an embedder of the first size numbers of e's dense vectors, which models trained with several sizes
// order by importance (Kusupati et al., Matryoshka Representation Learning, 2022). Its name is e's with a colon and the
// size.
func Prefix(e Embedder, size int) Embedder { return &prefix{e, size} }

type prefix struct {
	of   Embedder
	size int
}

func (p *prefix) Name() string { return fmt.Sprintf("%s:%d", p.of.Name(), p.size) }

func (p *prefix) Embed(ctx context.Context, lines []string) (Vectors, error) {
	v, err := p.of.Embed(ctx, lines)
	if err != nil {
		return nil, err
	}
	dense, ok := v.(*Dense)
	if !ok || p.size < 1 || p.size > dense.size {
		return nil, fmt.Errorf("first %d of %d numbers: want 1 or more, at most all, and dense vectors", p.size, v.Size())
	}
	data := make([]float32, 0, p.size*dense.Len())
	for i := range dense.Len() {
		data = append(data, dense.Row(i)[:p.size]...)
	}
	return &Dense{p.size, data}, nil
}

// memo is an embedder that keeps the vectors of its last lines.
type memo struct {
	Embedder
	lines   []string
	vectors Vectors
}

func (m *memo) Embed(ctx context.Context, lines []string) (Vectors, error) {
	if m.vectors == nil || !slices.Equal(m.lines, lines) {
		v, err := m.Embedder.Embed(ctx, lines)
		if err != nil {
			return nil, err
		}
		m.lines, m.vectors = lines, v
	}
	return m.vectors, nil
}
