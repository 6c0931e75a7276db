// Package atomicfile replaces whole files: at every moment, a path holds either the previous file or the new one, even
// if the process is killed or the machine fails.
//
// [Write] replaces one file and [WriteAll] several that belong together. [Check] tells before long work whether Write
// will succeed. [IsStream] recognizes pipes and devices, which cannot be replaced.
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

// Write replaces path by a file with the bytes that write writes to its argument, which is not buffered. They go to a
// temporary file in the same folder; it is renamed to path once it is complete and synced.
//
// A new file gets the permissions 0666 before umask; a replaced file keeps its permissions. Symbolic links are
// followed: Write replaces their target. Pipes, terminals, /dev/null and /dev/stdout are written to directly; any other
// path that exists and is not a regular file is an error.
//
// After an error, also one of write, the temporary file is gone and path is unchanged. The exception is an error in
// syncing the folder, after which path may be the new file. A process that is killed within Write leaves its temporary
// file, named .BASE.tmp and a number; the next Write of the same path removes it. Errors name path.
func Write(path string, write func(w io.Writer) error) error {
	if err := replace(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// replace is Write without the path in errors.
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

// prepared is a file that is complete and synced under a temporary name.
type prepared struct {
	path      string   // without symbolic links
	temporary string   // "" once it is renamed to path, or if path was written to directly
	f         *os.File // the file called temporary; open and locked
}

// prepare writes and syncs a temporary file of path.
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
	defer func() { // even if write panics
		if !complete {
			p.drop()
		}
	}()
	if old != nil {
		if err := f.Chmod(mode); err != nil { // the mode of a replaced file is kept despite umask
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

// commit renames the file to its path.
func (p *prepared) commit() error {
	if p.temporary == "" {
		return nil
	}
	if runtime.GOOS == "windows" { // Windows does not rename open files
		p.f.Close()
	}
	if err := os.Rename(p.temporary, p.path); err != nil {
		return cause(err)
	}
	p.temporary = ""
	p.f.Close() // only now: the lock keeps others from removing the temporary file
	return syncFolder(filepath.Dir(p.path))
}

// drop removes the file unless it is renamed.
func (p *prepared) drop() {
	if p.temporary != "" {
		p.f.Close()
		os.Remove(p.temporary)
	}
}

// plain is a file whose errors do not contain its name.
type plain struct{ f *os.File }

func (p plain) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	return n, cause(err)
}

// temporary returns the common prefix of the names of path's temporary files.
func temporary(path string) string { return "." + filepath.Base(path) + ".tmp" }

// create opens a new file beside path under a unique name. The file is locked until it is closed; the lock tells other
// processes that its writer is alive.
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
		f.Close() // removeDead in another process removed it before it was locked
	}
}

// removeDead removes the temporary files of path whose writers were killed. It ignores errors.
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

// syncFolder syncs a folder after a renaming, if the system can.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // the folder is writable but not readable
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrPermission) {
		return cause(err)
	}
	return nil
}

// cause returns err without the operation and the name of the temporary file that package os adds.
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
