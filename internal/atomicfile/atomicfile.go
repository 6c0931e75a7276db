// Package atomicfile replaces files as a whole: at every moment, whatever happens to the process or the machine, a path
// holds either the previous file or the new one.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/retell-rnn/retell/internal/lock"
)

// Write makes path a file of what write writes, unbuffered, to its argument. The bytes go to a temporary file in the
// same folder, which takes the name of path once it is complete and on the disk.
//
// A new file gets the permissions 0666 before umask; a replaced one passes its own on. A symbolic link is followed:
// what it points to is replaced. A pipe, a terminal, /dev/null and /dev/stdout are written straight to; any other path
// that exists and is not a regular file is an error.
//
// After an error, of write too, the temporary file is gone and path is as it was; only if the folder could not be
// brought to the disk may it be the new file. A process that is killed within Write leaves its temporary file, named
// .BASE.tmp and a number, behind; the next Write of the same path removes it. Errors name path, not the temporary file.
func Write(path string, write func(w io.Writer) error) error {
	if err := replace(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func replace(path string, write func(w io.Writer) error) error {
	p, err := prepare(path, write)
	if err != nil {
		return err
	}
	defer p.drop()
	return p.commit()
}

var (
	errNotRegular = errors.New("not a regular file")
	errIsFolder   = errors.New("is a folder: want the name of a file")
)

// prepared is a file that is complete and on the disk, under a temporary name.
type prepared struct {
	path      string   // without symbolic links
	temporary string   // "" once it has the name of path, or where path was written straight to
	f         *os.File // behind temporary; open and locked
}

// prepare makes a file of what write writes.
func prepare(path string, write func(w io.Writer) error) (*prepared, error) {
	if IsStream(path) {
		return &prepared{path: path}, writeStraight(path, write)
	}
	path = lock.Target(path)
	mode := fs.FileMode(0o666)
	old, err := os.Stat(path)
	switch {
	case err == nil && !old.Mode().IsRegular():
		return nil, errNotRegular
	case err == nil:
		mode = old.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, cause(err)
	}
	removeDead(path)
	f, err := create(path, mode)
	if err != nil {
		return nil, cause(err)
	}
	p := &prepared{path: path, temporary: f.Name(), f: f}
	complete := false
	defer func() { // also when write panics
		if !complete {
			p.drop()
		}
	}()
	if old != nil {
		if err := f.Chmod(mode); err != nil { // whatever umask is
			return nil, cause(err)
		}
	}
	if err := write(plain{f}); err != nil {
		return nil, err
	}
	if err := f.Sync(); err != nil {
		return nil, cause(err)
	}
	complete = true
	return p, nil
}

// commit gives the file its name.
func (p *prepared) commit() error {
	if p.temporary == "" {
		return nil
	}
	if runtime.GOOS == "windows" { // which renames no open file
		p.f.Close()
	}
	if err := os.Rename(p.temporary, p.path); err != nil {
		return cause(err)
	}
	p.temporary = ""
	p.f.Close() // not before: its lock says that the file is somebody's
	return syncFolder(filepath.Dir(p.path))
}

// drop removes the file if it does not have its name yet.
func (p *prepared) drop() {
	if p.temporary != "" {
		p.f.Close()
		os.Remove(p.temporary)
	}
}

// plain is a file whose errors do not name it.
type plain struct{ f *os.File }

func (p plain) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	return n, cause(err)
}

// temporary is what the names of path's temporary files begin with.
func temporary(path string) string { return "." + filepath.Base(path) + ".tmp" }

// create opens a new file beside path under a name that no other process uses. It is locked until it is closed, which
// tells others that its writer is alive.
func create(path string, mode fs.FileMode) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf("%s%d", temporary(path), rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		_, err = lock.File(f)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			f.Close()
			os.Remove(name)
			return nil, err
		}
		if _, err := os.Stat(name); err == nil {
			return f, nil
		}
		f.Close() // another's removeDead came before the lock
	}
}

// removeDead removes the temporary files of path whose writers were killed. What cannot be removed stays.
func removeDead(path string) {
	dir := filepath.Dir(path)
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		number, ok := strings.CutPrefix(name, temporary(path))
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		if dead, err := lock.File(f); dead && err == nil {
			os.Remove(filepath.Join(dir, name))
		}
		f.Close()
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

// cause returns err without the names that the os package puts before it: of the temporary file they would only
// confuse.
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
