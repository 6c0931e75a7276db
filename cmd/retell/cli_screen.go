package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// screen is standard error: lines and, if it is a terminal, a progress bar below them.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	warnings io.Writer                // gets warnings alone with --quiet; else nil
	bar      *progressbar.ProgressBar // nil while there is none
}

// newScreen returns a screen on the command's standard error; with --quiet it shows warnings alone.
func newScreen(cmd *cobra.Command) *screen {
	if quiet, err := cmd.Flags().GetBool("quiet"); err == nil && quiet {
		return &screen{w: io.Discard, warnings: cmd.ErrOrStderr()}
	}
	w := cmd.ErrOrStderr()
	return &screen{w: w, terminal: isTerminal(w)}
}

// Write shows whole lines.
func (s *screen) Write(lines []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	return s.w.Write(lines)
}

// startBar shows a bar that is full at max; -1 means an unknown total. Without a terminal it does nothing.
func (s *screen) startBar(max int) {
	if !s.terminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bar = progressbar.NewOptions(max,
		progressbar.OptionSetWriter(s.w),
		progressbar.OptionShowDescriptionAtLineEnd(),
		progressbar.OptionSetWidth(10),
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine outlives the bar
	)
}

// moveBar moves the bar, if there is one.
func (s *screen) moveBar(done int, description string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		s.bar.Describe(description)
		s.bar.Set(done)
	}
}

// clearBar erases the bar before lines are written, to standard output too if it is the same terminal. The next change
// draws the bar again.
func (s *screen) clearBar() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *screen) clear() {
	if s.bar != nil {
		s.bar.Clear()
	}
}

// endBar removes the bar, if there is one.
func (s *screen) endBar() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.bar = nil
}

// line shows lines for people. Without a terminal, each becomes a record of the log.
func (s *screen) line(text string) {
	if s.terminal {
		fmt.Fprintln(s, text)
		return
	}
	log := s.logger()
	for line := range strings.SplitSeq(text, "\n") {
		log.Info(strings.TrimSpace(line))
	}
}

// logger returns a logger that writes to s. At a terminal it omits times and the level INFO.
func (s *screen) logger() *slog.Logger {
	if s.warnings != nil {
		return slog.New(slog.NewTextHandler(s.warnings, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if !s.terminal {
		return slog.New(slog.NewTextHandler(s, nil))
	}
	return slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey && a.Value.Any() == slog.LevelInfo) {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// logger returns a logger to the command's standard error; with --quiet it logs warnings alone.
func logger(cmd *cobra.Command) *slog.Logger { return newScreen(cmd).logger() }

// isTerminal reports whether a stream of the command is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
