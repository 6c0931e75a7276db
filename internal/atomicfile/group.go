package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// File is one of several that belong together.
type File struct {
	Path  string
	Write func(w io.Writer) error
}

// WriteAll makes files that belong together, such as the parts of a split: those of one call never stand beside those
// of another. Each is made as by Write, but none takes its name before all are complete and on the disk and the
// previous ones are gone. A process that is killed in between leaves some of the new files and none of the previous
// ones, or the other way round; an error before that leaves all as they were.
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
