package buildinfo_test

import (
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/internal/buildinfo"
)

func ExampleRead() {
	info := buildinfo.Read()
	fmt.Println(info.Version != "", strings.Contains(info.Platform, "/"))
	// Output: true true
}
