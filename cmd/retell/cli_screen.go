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
	warnings io.Writer                // what alone is shown if quiet; nil if it is not
	bar      *progressbar.ProgressBar // nil while there is none
}

// newScreen returns the command's standard error; with --quiet, one that shows warnings alone.
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

// startBar shows a bar that is full at max, -1 for an unknown number; without a terminal it does nothing.
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
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine that would go on after its end
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

// clearBar makes room for lines, also for those on standard output if that is the same terminal. The bar appears again
// with its next change.
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

// endBar takes the bar away, if there is one.
func (s *screen) endBar() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.bar = nil
}

// line shows a line for people, or several. Without a terminal each is a line of the log.
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

// logger returns a logger that writes to s: at a terminal without times and without the level that most lines have.
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

// logger returns a logger to the command's standard error; with --quiet, one of warnings alone.
func logger(cmd *cobra.Command) *slog.Logger { return newScreen(cmd).logger() }

// isTerminal reports whether a stream of the command is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
