package main

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// standardOutput is os.Stdout, or what refuses every write where the process began without it.
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
