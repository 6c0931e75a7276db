//go:build unix && !solaris && !illumos && !aix

package lock_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/retell-rnn/retell/internal/lock"
)

func ExamplePath() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	output := filepath.Join(dir, "model") // does not exist yet
	unlock, err := lock.Path(output)
	fmt.Println(err)
	_, err = lock.Path(output)
	fmt.Println(errors.Is(err, lock.ErrHeld))
	unlock()
	// Output:
	// <nil>
	// true
}
