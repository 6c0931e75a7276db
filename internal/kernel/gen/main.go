// Gen writes the assembly of package kernel, its Go declarations, and the facts that both share. Run it by go generate
// in that package's folder.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", ".", "folder of package kernel")
	flag.Parse()
	for name, text := range files() {
		if err := os.WriteFile(filepath.Join(*dir, name), text, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// files returns the text of every generated file by its name.
func files() map[string][]byte {
	all := []*file{
		gemm(avx512()), integers(avx512()), vectors(avx512()), bf16(avx512()), amx(amxMachine()),
		gemm(avx2()), integers(avx2()), vectors(avx2()),
	}
	out := map[string][]byte{"facts.go": facts(), "kernels_amd64.go": declarations(all)}
	for _, f := range all {
		out[f.path] = f.text()
	}
	return out
}
