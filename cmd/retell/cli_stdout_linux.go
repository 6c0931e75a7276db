package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// isClosed reports whether the shell that started the process closed its standard output (retell ... >&-). Go's runtime
// then opens /dev/null for reading and writing in its place, and the output is lost.
//
// Shells open /dev/null for writing alone; other programs (Python, Node, daemon(3)) also open it for reading and
// writing. So only a parent that is a shell, and has no such standard output itself, proves that ours was closed.
func isClosed(stdout *os.File) bool {
	if !isNull(fmt.Sprintf("/proc/self/fd/%d", stdout.Fd())) {
		return false
	}
	flags, err := unix.FcntlInt(stdout.Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_ACCMODE != unix.O_RDWR {
		return false
	}
	parent := fmt.Sprintf("/proc/%d/", os.Getppid())
	return isShell(parent+"exe") && !isNull(parent+"fd/1")
}

// isNull reports whether a path is a link to /dev/null.
func isNull(path string) bool {
	var info, null unix.Stat_t
	return unix.Stat(path, &info) == nil && unix.Stat(os.DevNull, &null) == nil &&
		info.Mode&unix.S_IFMT == unix.S_IFCHR && info.Rdev == null.Rdev
}

// isShell reports whether a link names the program of a shell.
func isShell(link string) bool {
	program, err := os.Readlink(link)
	name := filepath.Base(strings.TrimSuffix(program, " (deleted)"))
	return err == nil && slices.Contains([]string{"ash", "bash", "busybox", "dash", "fish", "ksh", "ksh93", "mksh", "sh", "yash", "zsh"}, name)
}
