package metric

// Interval is a confidence interval: Mean ± HalfWidth.
type Interval struct {
	Mean      float64 `json:"mean"`
	HalfWidth float64 `json:"half_width"`
	Samples   int     `json:"samples"`
}
