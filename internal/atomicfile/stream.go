package atomicfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/retell-rnn/retell/internal/lock"
)

// IsStream reports whether Write writes to path directly because it cannot be replaced: a pipe, a terminal, /dev/null,
// or an open file of the process.
func IsStream(path string) bool {
	for _, open := range []string{"/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/"} {
		if path == open || strings.HasSuffix(open, "/") && strings.HasPrefix(path, open) {
			return true
		}
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0
}

// writeStraight appends to a stream.
func writeStraight(path string, write func(w io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return cause(err)
	}
	err = write(plain{f})
	if closed := f.Close(); err == nil {
		err = cause(closed)
	}
	return err
}

// Check returns the error that Write of path would return before it writes anything. Call it before long work. It
// leaves no file.
func Check(path string) error {
	err := check(path)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return err
}

// check is Check without the path in errors.
func check(path string) error {
	if IsStream(path) {
		_, err := os.Stat(path)
		return cause(err)
	}
	path = lock.Target(path)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errIsFolder
	case err == nil && !info.Mode().IsRegular():
		return errNotRegular
	case err != nil && !os.IsNotExist(err):
		return cause(err)
	}
	f, err := create(path, 0o666)
	if err != nil {
		return cause(err)
	}
	f.Close()
	return cause(os.Remove(f.Name()))
}
