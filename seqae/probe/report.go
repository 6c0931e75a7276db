package probe

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is the list of the results of [Compare].
type Report []Result

// String returns a table with a column for each model and values times 100. An asterisk marks a baseline that exceeds
// the model of its column. Lines below the table name the baseline, the models and the measures.
func (r Report) String() string {
	var b strings.Builder
	if len(r) == 0 {
		return ""
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "task\tmeasure\tvectors")
	for _, m := range r[0].Models {
		fmt.Fprintf(w, "\t%s", m.Model)
	}
	fmt.Fprintln(w)
	for _, result := range r {
		result.rows(w)
	}
	w.Flush()
	if lines := r.better(); len(lines) > 0 {
		fmt.Fprintf(&b, "\n* better than the model:\n%s", strings.Join(lines, ""))
	}
	return b.String()
}

// rows writes the table's lines of one task: for each measure, one line for the models and one for each baseline.
func (r Result) rows(w *tabwriter.Writer) {
	task := fmt.Sprintf("%s (%d %s)", r.Task, r.Size, r.Of)
	for i, f := range r.Models[0].Figures {
		fmt.Fprintf(w, "%s\t%s\tmodel", task, f.Measure)
		task = ""
		for _, m := range r.Models {
			fmt.Fprintf(w, "\t%.2f", 100*m.Figures[i].Value)
		}
		fmt.Fprintln(w)
		for k, b := range r.Models[0].Baselines {
			fmt.Fprintf(w, "\t\t%s", b.Name)
			for _, m := range r.Models {
				mark := ""
				if slices.Contains(m.Baselines[k].Better, f.Measure) {
					mark = " *"
				}
				fmt.Fprintf(w, "\t%.2f%s", 100*m.Baselines[k].Figures[i].Value, mark)
			}
			fmt.Fprintln(w)
		}
	}
}

// better returns a line for each task and each baseline that exceeds a model, with the models and the measures.
func (r Report) better() []string {
	var lines []string
	for _, result := range r {
		for k, b := range result.Models[0].Baselines {
			var beaten []string
			for _, m := range result.Models {
				if by := m.Baselines[k].Better; len(by) > 0 {
					beaten = append(beaten, fmt.Sprintf("%s (%s)", m.Model, strings.Join(by, ", ")))
				}
			}
			if len(beaten) > 0 {
				lines = append(lines, fmt.Sprintf("  %s: %s against %s\n", result.Task, b.Name, strings.Join(beaten, ", ")))
			}
		}
	}
	return lines
}
