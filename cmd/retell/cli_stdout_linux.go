package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// isClosed reports whether standard output was closed by the shell that began the process (retell ... >&-). Go's
// runtime has then opened /dev/null in its place, for reading and writing, and what is written there is lost.
//
// Shells send output to /dev/null for writing alone, others (Python, Node, daemon(3)) for reading and writing too: so
// only where the parent is a shell, and has no such standard output to pass on, is it sure that there was none.
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

// isNull reports whether a path leads to /dev/null.
func isNull(path string) bool {
	var info, null unix.Stat_t
	return unix.Stat(path, &info) == nil && unix.Stat(os.DevNull, &null) == nil &&
		info.Mode&unix.S_IFMT == unix.S_IFCHR && info.Rdev == null.Rdev
}

// isShell reports whether a link leads to the program of a shell.
func isShell(link string) bool {
	program, err := os.Readlink(link)
	name := filepath.Base(strings.TrimSuffix(program, " (deleted)"))
	return err == nil && slices.Contains([]string{"ash", "bash", "busybox", "dash", "fish", "ksh", "ksh93", "mksh", "sh", "yash", "zsh"}, name)
}
