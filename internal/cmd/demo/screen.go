package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// screen is what the demo prints. On a terminal it keeps one more line, below
// the others, that shows progress.
type screen struct {
	mu   sync.Mutex
	out  io.Writer
	live bool // out is a terminal
}

// newScreen returns a screen on a file, which may be a terminal.
func newScreen(file *os.File) *screen {
	info, err := file.Stat()
	return &screen{out: file, live: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// clearLine is the sequence that empties the line of the cursor.
const clearLine = "\r\x1b[K"

// heading prints the title of a step.
func (s *screen) heading(title string) { s.print("\n== " + title + "\n") }

// say prints a line of a step.
func (s *screen) say(format string, values ...any) {
	s.print(strings.TrimRight("   "+fmt.Sprintf(format, values...), " ") + "\n")
}

func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		text = clearLine + text
	}
	fmt.Fprint(s.out, text)
}

// progress replaces the line of progress. Without a terminal it prints nothing.
func (s *screen) progress(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live {
		fmt.Fprint(s.out, clearLine+text)
	}
}

// count shows the seconds that something takes, until the returned function is
// called.
func (s *screen) count(text string) (end func()) {
	began, stop, stopped := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				s.progress(fmt.Sprintf("   %s: %.0f s", text, time.Since(began).Seconds()))
			}
		}
	}()
	return func() { close(stop); <-stopped; s.progress("") }
}
