//go:build !unix || solaris || illumos || aix

package lock

import (
	"errors"
	"os"
)

// File returns errors.ErrUnsupported: this system has no locks that end with their process.
func File(*os.File) (bool, error) { return false, errors.ErrUnsupported }
