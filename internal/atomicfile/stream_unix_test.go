//go:build linux || darwin

package atomicfile_test

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/retell-rnn/retell/internal/atomicfile"
)

// TestStreams checks that Write writes to a pipe and to a device and does not replace them.
func TestStreams(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	read := make(chan string)
	go func() {
		f, err := os.Open(pipe)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		all, _ := io.ReadAll(f)
		read <- string(all)
	}()
	if err := atomicfile.Check(pipe); err != nil {
		t.Error(err)
	}
	if err := atomicfile.Write(pipe, text("through")); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "through" {
		t.Errorf("the pipe's reader got %q", got)
	}
	if err := atomicfile.Write(os.DevNull, text("away")); err != nil {
		t.Error(err)
	}
	for _, path := range []string{pipe, os.DevNull} {
		if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
			t.Errorf("%s: %v, %v: want it as it was", path, info.Mode(), err)
		}
	}
}
