package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is one of several files that belong together.
type File struct {
	Path  string
	Write func(w io.Writer) error // writes the content
}

// WriteAll replaces files that belong together, such as the parts of a split. Files of different calls never mix.
//
// It writes all files as [Write] does, then removes the previous ones, then renames the new ones. An error in writing
// leaves all previous files. A process that is killed later leaves a subset of the previous files or of the new ones.
func WriteAll(files ...File) error {
	var all []*prepared
	defer func() {
		for _, p := range all {
			p.drop()
		}
	}()
	for _, file := range files {
		p, err := prepare(file.Path, file.Write)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path, err)
		}
		all = append(all, p)
	}
	if len(all) > 1 {
		for _, p := range all {
			if p.temporary == "" {
				continue
			}
			if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s: %w", p.path, cause(err))
			}
		}
	}
	for i, p := range all {
		if err := p.commit(); err != nil {
			return fmt.Errorf("%s: %w", files[i].Path, err)
		}
	}
	return nil
}
