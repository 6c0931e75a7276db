// Package lock keeps processes from writing the same output at the same time.
//
// [Path] locks an output by its path, [File] an open file. A lock belongs to an open file, so it ends with the process,
// even if the process is killed: a file that is left behind blocks nobody. Where the system or the file system has no
// such locks, Path succeeds and protects nothing.
package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrHeld is the error of a lock that another process, or another caller in this one, holds.
var ErrHeld = errors.New("in use by another process")

// Path locks the output at path, a file or folder that need not exist, and returns the function that unlocks it. The
// lock is a hidden file beside path, .BASE.lock, which unlock removes. Errors name path and wrap [ErrHeld] if the lock
// is held.
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
				os.Remove(name) // before unlocking, so that nobody locks a removed file
				f.Close()
			}, nil
		}
		f.Close() // the holder removed the file after this opened it
	}
}

// Target resolves the symbolic links of path, whose file or folder need not exist.
func Target(path string) string {
	for range 40 { // for a circle of links, opening the path returns the error
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

// isAt reports whether f is still the file called name.
func isAt(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(open, named)
}
