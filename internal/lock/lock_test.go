//go:build unix && !solaris && !illumos && !aix

package lock_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/retell-rnn/retell/internal/lock"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("LOCK_AND_WAIT"); path != "" { // the second process of TestKillUnlocks
		_, err := lock.Path(path)
		fmt.Println("locked", err)
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.retell")
	unlock, err := lock.Path(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Path(path); !errors.Is(err, lock.ErrHeld) || err.Error() != path+": in use by another process" {
		t.Errorf("second lock: %v: want ErrHeld that names the path", err)
	}
	unlock()
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if unlock, err = lock.Path(path); err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestPathErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "m.retell")
	if _, err := lock.Path(path); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), ".lock") {
		t.Errorf("%v: want an error about the path alone", err)
	}
}

// TestOneHolder checks that one caller at a time holds the lock, although each removes its file.
func TestOneHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	var inside, taken atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				unlock, err := lock.Path(path)
				if errors.Is(err, lock.ErrHeld) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two hold the lock")
				}
				taken.Add(1)
				inside.Add(-1)
				unlock()
			}
		})
	}
	group.Wait()
	if taken.Load() == 0 {
		t.Error("nobody got the lock")
	}
}

// TestKillUnlocks checks that the end of a killed process frees its lock.
func TestKillUnlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "LOCK_AND_WAIT="+path)
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked <nil>\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if _, err := lock.Path(path); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("while another process holds the lock: %v: want ErrHeld", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	unlock, err := lock.Path(path)
	if err != nil {
		t.Fatalf("after a kill: %v", err)
	}
	unlock()
}
