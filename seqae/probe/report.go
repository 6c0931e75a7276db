package probe

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// Report is the list of the results of [Compare].
type Report []Result

// String returns a table for each task, with a row for each model and baseline and values times 100. The main figures
// have half the width of their confidence intervals. An asterisk marks a model's figure that a baseline exceeds.
// Sentences below a table test models against the best of their own and of the common baselines, and state the overlap.
func (r Report) String() string {
	var b strings.Builder
	for i, result := range r {
		if i > 0 {
			b.WriteString("\n")
		}
		var table strings.Builder
		result.table(&table)
		for line := range strings.Lines(table.String()) { // an empty last column is padded too
			b.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
		for _, line := range result.sentences() {
			fmt.Fprintf(&b, "  %s\n", wrap(line))
		}
	}
	return b.String()
}

// table writes the rows of models and baselines.
func (r *Result) table(to *strings.Builder) {
	figures := r.columns()
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s (%d %s)", r.Task, r.Size, r.Of)
	for i, f := range figures {
		measure := f.Measure
		if i > 0 && measure == figures[i-1].Measure {
			measure = ""
		}
		fmt.Fprintf(w, "\t%s", measure)
	}
	fmt.Fprintln(w)
	r.header(w, figures)
	for i, m := range r.Models {
		r.row(w, m.Model, figures, m.Figures, m.Baselines)
		if i+1 < len(r.Models) && r.Models[i+1].First > 0 {
			continue // the baselines follow the last size
		}
		for _, own := range m.Baselines {
			if !own.common {
				r.row(w, "  "+own.Name, figures, own.Figures, nil)
			}
		}
	}
	for _, c := range r.Models[0].Baselines {
		if c.common {
			r.row(w, c.Name, figures, c.Figures, nil)
		}
	}
	w.Flush()
}

// header writes the names and the sizes of parts, unless the task has no parts.
func (r *Result) header(w *tabwriter.Writer, figures []Figure) {
	if slices.ContainsFunc(figures, func(f Figure) bool { return f.Part != "" }) {
		for _, f := range figures {
			fmt.Fprintf(w, "\t%s", cmp.Or(f.Part, "all"))
		}
		fmt.Fprintln(w)
	}
	if slices.ContainsFunc(figures, func(f Figure) bool { return f.Size != figures[0].Size }) {
		fmt.Fprintf(w, "  %s", r.Of)
		for _, f := range figures {
			fmt.Fprintf(w, "\t%d", f.Size)
		}
		fmt.Fprintln(w)
	}
}

// columns returns a figure for each column of the table: those of the first model, the ones of a measure side by side.
// recall@1 has none beside the error.
func (r *Result) columns() []Figure {
	all := slices.DeleteFunc(slices.Clone(r.Models[0].Figures), func(f Figure) bool {
		_, hasError := find(r.Models[0].Figures, Figure{Measure: "error", Part: f.Part})
		return f.Measure == "recall@1" && hasError
	})
	first := func(f Figure) int {
		return slices.IndexFunc(all, func(g Figure) bool { return g.Measure == f.Measure })
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Figure) int { return first(a) - first(b) })
	return sorted
}

// row writes the figures of a model or a baseline.
func (r *Result) row(w *tabwriter.Writer, name string, columns, figures []Figure, baselines []Baseline) {
	fmt.Fprint(w, name)
	for _, c := range columns {
		f, ok := find(figures, c)
		if !ok {
			fmt.Fprint(w, "\t–")
			continue
		}
		fmt.Fprint(w, "\t"+percent(f.Value))
		if f.Interval != nil && r.isMain(f) {
			fmt.Fprint(w, " ± "+percent((f.Interval.High-f.Interval.Low)/2))
		}
		if slices.ContainsFunc(baselines, func(b Baseline) bool { return slices.Contains(b.Better, f.Name()) }) {
			fmt.Fprint(w, " *")
		}
	}
	fmt.Fprintln(w)
}

// isMain reports whether a figure is the main one of the whole task, or of a direction.
func (r *Result) isMain(f Figure) bool { return f.Measure == r.Models[0].Figures[0].Measure && f.whole }

// sentences returns the sentences below the table.
func (r *Result) sentences() []string {
	var lines []string
	shown := r.columns()
	for _, m := range r.Models {
		others := 0
		var better []string
		for _, f := range m.Figures {
			if _, ok := find(shown, f); !ok {
				continue
			}
			if len(m.Tests) > 0 && r.isMain(f) {
				for _, t := range m.Tests {
					if t.Measure == f.Measure && t.Part == f.Part {
						lines = append(lines, m.Model+": "+t.String())
					}
				}
				continue
			}
			others++
			k, best := m.best(f, isAny)
			if k < 0 || f.over(best.Value, f.Value) <= 0 {
				continue
			}
			name := m.Baselines[k].Name
			text := fmt.Sprintf("%s (%s %s", f.Name(), name, percent(best.Value))
			for _, t := range m.Tests {
				if t.Measure == f.Measure && t.Part == f.Part && t.Baseline == name {
					text += ", " + shortP(t.PValue)
				}
			}
			better = append(better, text+")")
		}
		switch {
		case len(better) > 4 && len(better) == others:
			lines = append(lines, m.Model+": a baseline is better in all other figures")
		case len(better) > 0:
			lines = append(lines, fmt.Sprintf("%s: a baseline is better in %s", m.Model, strings.Join(better, ", ")))
		}
	}
	if o := r.Overlap; o != nil {
		share := func(n int) float64 { return 100 * float64(n) / float64(max(1, o.Texts)) }
		lines = append(lines, fmt.Sprintf(
			"seen in training: %d of %d texts (%.1f %%) are equal to a training text, %d more (%.1f %%) are near to one; %d of %d %s have such a text",
			o.Equal, o.Texts, share(o.Equal), o.Near, share(o.Near), o.Examples, r.Size, r.Of))
	}
	return lines
}

// wrap breaks a line between words to lines of at most 100 characters, the further ones indented.
func wrap(line string) string {
	const width = 100
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(line) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n    ")
			at = 4
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}
