// Gen writes the assembly of package kernel. Run it by go generate in that package's folder.
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
	out := map[string][]byte{}
	for _, m := range []*machine{avx512(), avx2()} {
		out["gemm_"+m.name+"_amd64.s"] = gemm(m)
		out["int_"+m.name+"_amd64.s"] = ints(m)
		out["vec_"+m.name+"_amd64.s"] = vec(m)
	}
	out["bf16_amd64.s"] = bf16(avx512())
	out["amx_amd64.s"] = amx(avx512())
	return out
}
