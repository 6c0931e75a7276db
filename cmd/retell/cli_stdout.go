package main

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// standardOutput returns os.Stdout or, if the process began without one, a writer that fails.
func standardOutput() io.Writer {
	if isClosed(os.Stdout) {
		return closedOutput{}
	}
	return os.Stdout
}

// closedOutput is a standard output that is closed.
type closedOutput struct{}

func (closedOutput) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.EBADF}
}
