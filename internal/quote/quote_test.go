package quote

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	sixty := strings.Repeat("ä", 60)
	tests := map[string]string{
		"":                         `""`,
		"a\tb\n":                   `"a\tb\n"`,
		sixty:                      `"` + sixty + `"`,
		sixty + "x":                `"` + sixty + `"…`,
		strings.Repeat("😀", 1e6):   `"` + strings.Repeat("😀", 60) + `"…`,
		strings.Repeat("\xff", 70): `"` + strings.Repeat(`\xff`, 60) + `"…`,
	}
	for in, want := range tests {
		if got := Text(in); got != want {
			t.Errorf("Text(%.20q…) = %s: want %s", in, got, want)
		}
		if got := Text([]byte(in)); got != want {
			t.Errorf("Text([]byte(%.20q…)) = %s: want %s", in, got, want)
		}
	}
}
