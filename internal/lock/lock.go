// Package lock keeps processes from writing one output at the same time.
//
// A lock belongs to an open file, so it ends with the process, however that ends: no file that a kill leaves behind
// blocks anyone. Where the system or the file system has no such locks, taking one succeeds and guards nothing.
package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrHeld says that another process, or another caller in this one, holds the lock.
var ErrHeld = errors.New("in use by another process")

// Path locks what is about to be written at path, a file or a folder that need not be there yet, and returns what
// unlocks it. The lock is a hidden file beside path, .BASE.lock, which unlocking removes. An error names path; it is
// ErrHeld where somebody else holds the lock.
func Path(path string) (unlock func(), err error) {
	path, named := Target(path), path
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				err = at.Err // without the name of the hidden file
			}
			return nil, fmt.Errorf("%s: %w", named, err)
		}
		held, err := File(f)
		if errors.Is(err, errors.ErrUnsupported) {
			held, err = true, nil
		}
		if err != nil || !held {
			f.Close()
			if err == nil {
				err = ErrHeld
			}
			return nil, fmt.Errorf("%s: %w", named, err)
		}
		if isAt(f, name) {
			return func() {
				os.Remove(name) // while it is locked: nobody else takes a file for the lock that is gone
				f.Close()
			}, nil
		}
		f.Close() // its holder has removed it since it was opened
	}
}

// Target returns the path that symbolic links lead to from path, of a file or folder that need not be there yet.
func Target(path string) string {
	for range 40 { // links that lead in a circle end somewhere: opening says so
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return target
		}
		to, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(to) {
			folder, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return path
			}
			to = filepath.Join(folder, to)
		}
		path = to
	}
	return path
}

// isAt reports whether an open file is the one of that name.
func isAt(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(open, named)
}
