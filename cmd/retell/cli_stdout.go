package main

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// standardOutput returns os.Stdout, or a writer that fails if the process began without standard output.
func standardOutput() io.Writer {
	if isClosed(os.Stdout) {
		return closedOutput{}
	}
	return os.Stdout
}

// closedOutput is a closed standard output: every write fails.
type closedOutput struct{}

func (closedOutput) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.EBADF}
}
