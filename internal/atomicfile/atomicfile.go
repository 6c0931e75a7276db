// Package atomicfile replaces files as a whole: at every moment, whatever happens to the process or the machine, a path holds
// either the previous file or the new one.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// Write makes path a file of what write writes, unbuffered, to its argument. The bytes go to a temporary file in the same
// folder, which takes the name of path once it is complete and on the disk.
//
// A new file gets the permissions 0666 before umask; a replaced one passes its own on. A symbolic link is followed: what it
// points to is replaced. A path that exists and is not a regular file, such as /dev/null, is an error.
//
// After an error, of write too, the temporary file is gone and path is as it was; only if the folder could not be brought to
// the disk may it be the new file. A process that is killed within Write leaves its temporary file, named .BASE.tmp and a
// number, behind. Errors name path, not the temporary file.
func Write(path string, write func(w io.Writer) error) error {
	if err := replace(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func replace(path string, write func(w io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := fs.FileMode(0o666)
	old, err := os.Stat(path)
	switch {
	case err == nil && !old.Mode().IsRegular():
		return errors.New("not a regular file")
	case err == nil:
		mode = old.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return cause(err)
	}
	f, err := create(path, mode)
	if err != nil {
		return cause(err)
	}
	renamed := false
	defer func() { // also when write panics
		if !renamed {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if old != nil {
		if err := f.Chmod(mode); err != nil { // whatever umask is
			return cause(err)
		}
	}
	if err := write(plain{f}); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return cause(err)
	}
	if err := f.Close(); err != nil {
		return cause(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return cause(err)
	}
	renamed = true
	return syncFolder(filepath.Dir(path))
}

// plain is a file whose errors do not name it.
type plain struct{ f *os.File }

func (p plain) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	return n, cause(err)
}

// create opens a new file beside path under a name that no other process uses.
func create(path string, mode fs.FileMode) (*os.File, error) {
	for {
		name := fmt.Sprintf(".%s.tmp%d", filepath.Base(path), rand.Uint64())
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// syncFolder brings a renaming to the disk, where the system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // a folder that one may write to but not read
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrPermission) {
		return cause(err)
	}
	return nil
}

// cause returns err without the names that the os package puts before it: of the temporary file they would only confuse.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}
