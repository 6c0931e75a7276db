package vectors

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
)

//go:embed page.html
var pageHTML string

// WriteHTML writes the map as a self-contained HTML page. Hovering over a point shows its sentence, the wheel zooms,
// dragging moves, a click on a cluster hides it, and a search field finds sentences by their words.
func (m *Map) WriteHTML(w io.Writer, title string) error {
	type cluster struct {
		Name  string `json:"name"`
		Color string `json:"color"`
	}
	data := struct {
		X        []float64 `json:"x"` // x and y are 0 to 1
		Y        []float64 `json:"y"`
		Cluster  []int     `json:"cluster"`
		Row      []int     `json:"row"` // from 1
		Text     []string  `json:"text"`
		Clusters []cluster `json:"clusters"`
		Plain    string    `json:"plain"` // color of points without a cluster
	}{Clusters: []cluster{}, Plain: hexColor(-1)}
	left, right, top, bottom := m.bounds(1)
	for _, p := range m.Points {
		data.X = append(data.X, round4((p.X-left)/(right-left)))
		data.Y = append(data.Y, round4((bottom-p.Y)/(bottom-top)))
		data.Cluster = append(data.Cluster, p.Cluster)
		data.Row = append(data.Row, p.Row+1)
		data.Text = append(data.Text, p.Text)
	}
	for i, c := range m.Clusters {
		data.Clusters = append(data.Clusters, cluster{c.Name, hexColor(i)})
	}
	page, err := template.New("page").Parse(pageHTML)
	if err == nil {
		err = page.Execute(w, map[string]any{"Title": title, "Data": data})
	}
	if err != nil {
		return fmt.Errorf("vectors: page: %w", err)
	}
	return nil
}

func hexColor(cluster int) string {
	c := clusterColor(cluster)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }
