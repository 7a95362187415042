package page

import (
	"fmt"
	"strings"
	"time"
)

// Count returns the number of devices of a wave in a phase.
func (w Wave) Count(p Phase) int {
	n := 0
	for _, device := range w.Devices {
		if device == p {
			n++
		}
	}
	return n
}

// Passed reports whether the wave reached its minimum.
func (w Wave) Passed() bool {
	n := len(w.Devices)
	return w.TaskID > 0 && n > 0 && w.Count(Succeeded)*100 >= w.Minimum*n
}

// Count returns the number of devices of a campaign in a phase.
func (c Campaign) Count(p Phase) int {
	n := 0
	for _, w := range c.Waves {
		n += w.Count(p)
	}
	return n
}

// Devices returns the number of devices of all waves.
func (c Campaign) Devices() int {
	n := 0
	for _, w := range c.Waves {
		n += len(w.Devices)
	}
	return n
}

// Reached returns the number of devices that joined a task.
func (c Campaign) Reached() int { return c.Devices() - c.Count(Untouched) }

// Passed reports whether all waves passed.
func (c Campaign) Passed() bool {
	for _, w := range c.Waves {
		if !w.Passed() {
			return false
		}
	}
	return true
}

// outcome returns the numbers of a wave by phase in words.
func (w Wave) outcome() string {
	var parts []string
	for _, p := range []Phase{Succeeded, Failed, Cancelled, InProgress, Waiting, Untouched} {
		if n := w.Count(p); n == len(w.Devices) && n > 0 {
			return "all " + p.String()
		} else if n > 0 {
			parts = append(parts, group(n)+" "+p.String())
		}
	}
	return strings.Join(parts, ", ")
}

// group writes a number with commas between thousands.
func group(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return group(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// seconds writes a duration with one decimal.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
