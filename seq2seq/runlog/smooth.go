package runlog

// Smooth merges records so that each covers at least the given number of steps, or all steps if there are fewer. Loss
// and GradNorm are means over the merged steps. Validations are left out. A mean over the few steps before a validation
// would stand out.
func Smooth(records []Record, steps int) []Record {
	var out []Record
	var sums Record
	before := 0
	for i, r := range records {
		if r.Steps == 0 {
			r.Steps = r.Step - before
		}
		if before = r.Step; r.Tokens == 0 {
			r.Tokens = r.Steps
		}
		r.Loss *= float64(r.Tokens)
		r.GradNorm *= float64(r.Steps)
		if sums.add(r); sums.Steps >= steps {
			out = append(out, sums)
			sums = Record{}
		} else if i == len(records)-1 && len(out) > 0 {
			out[len(out)-1].add(sums)
		} else if i == len(records)-1 {
			out = append(out, sums)
		}
	}
	for i := range out {
		out[i] = out[i].means()
	}
	return out
}
