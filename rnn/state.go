package rnn

import "gorgonia.org/gorgonia"

// State is the state of a recurrent layer between two tokens: h and, for an LSTM, the memory c. Each is [batch, size],
// in the caller's order of the sequences. A nil array stands for zeros.
type State struct{ H, C *gorgonia.Node }

// StateValues is a [State] with no graph.
type StateValues struct{ H, C []float32 }

func (s State) nodes() []*gorgonia.Node { return []*gorgonia.Node{s.H, s.C} }

func (s StateValues) arrays() states { return states{s.H, s.C} }

// complete reports whether the state has exactly the n arrays of a cell's state.
func (s State) complete(n int) bool {
	for i, x := range s.nodes() {
		if (x != nil) != (i < n) {
			return false
		}
	}
	return true
}

// stateNames name the arrays in parameters.
var stateNames = [maxStates]string{"h", "c"}

// newStateMaps adds a linear layer for each of the first n arrays of a state: tanh(W x + b) for h, W x + b for c.
func newStateMaps(ps *Params, name string, n, in, out int, init Inits) []*Linear {
	maps := make([]*Linear, n)
	for i := range maps {
		maps[i] = NewLinear(ps, name+"."+stateNames[i], in, out, init)
		maps[i].Tanh = i == 0
	}
	return maps
}
