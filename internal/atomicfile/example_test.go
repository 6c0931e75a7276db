package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/internal/atomicfile"
)

// A failed Write leaves the previous file.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model")
	for _, fault := range []error{nil, errors.New("no space left")} {
		err := atomicfile.Write(path, func(w io.Writer) error {
			fmt.Fprintln(w, "fault:", fault)
			return fault
		})
		content, _ := os.ReadFile(path)
		fmt.Print(err != nil, " ", string(content))
	}
	// Output:
	// false fault: <nil>
	// true fault: <nil>
}

// The parts of a split are replaced together.
func ExampleWriteAll() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var parts []atomicfile.File
	for _, name := range []string{"train", "valid"} {
		parts = append(parts, atomicfile.File{Path: filepath.Join(dir, name), Write: func(w io.Writer) error {
			_, err := fmt.Fprintln(w, "lines of", name)
			return err
		}})
	}
	fmt.Println(atomicfile.WriteAll(parts...))
	content, err := os.ReadFile(filepath.Join(dir, "valid"))
	fmt.Println(string(content), err)
	// Output:
	// <nil>
	// lines of valid
	//  <nil>
}
