package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The chart stretches to the width of the page. Its viewBox has these units.
const (
	chartWidth  = 1000
	chartHeight = 100
)

// stack is the order of the areas, from the bottom up.
var stack = []Phase{Succeeded, Failed, Cancelled, InProgress, Waiting}

// area is the share of one phase over time.
type area struct{ Class, D string }

// newAreas returns the stacked areas of samples, for a chart that ends at end.
func newAreas(samples []Sample, end time.Duration) []area {
	if len(samples) < 2 || end <= 0 {
		return nil
	}
	below := make([]float64, len(samples))
	var areas []area
	for _, p := range stack {
		above := make([]float64, len(samples))
		some := false
		for i, s := range samples {
			above[i] = below[i]
			if total := s.total(); total > 0 {
				above[i] += float64(s.Counts[p]) / float64(total)
			}
			some = some || s.Counts[p] > 0
		}
		if some {
			areas = append(areas, area{p.Class(), outline(samples, below, above, end)})
		}
		below = above
	}
	return areas
}

// total returns the number of devices in a sample.
func (s Sample) total() int {
	n := 0
	for _, c := range s.Counts {
		n += c
	}
	return n
}

// outline returns the path between two lines: along the upper one, and back
// along the lower one.
func outline(samples []Sample, below, above []float64, end time.Duration) string {
	var d strings.Builder
	letter := "M"
	for i := range samples {
		d.WriteString(letter + point(samples[i].At, above[i], end))
		letter = "L"
	}
	for i, s := range slices.Backward(samples) {
		d.WriteString("L" + point(s.At, below[i], end))
	}
	return d.String() + "Z"
}

func point(at time.Duration, share float64, end time.Duration) string {
	return fmt.Sprintf("%.1f %.1f", chartWidth*at.Seconds()/end.Seconds(), chartHeight*(1-share))
}

// tick is a mark of the time axis. Percent is its place.
type tick struct {
	Percent string
	Label   string
}

// maxTicks is the number of steps between marks that are too many.
const maxTicks = 8

// newTicks returns marks at round seconds.
func newTicks(end time.Duration) []tick {
	step := time.Second
	for _, wider := range []string{"2s", "5s", "10s", "20s", "30s", "1m", "2m", "5m"} {
		if end/step >= maxTicks {
			step, _ = time.ParseDuration(wider) // constants
		}
	}
	var ticks []tick
	for at := time.Duration(0); at <= end; at += step {
		ticks = append(ticks, tick{percent(at, end), fmt.Sprintf("%.0f s", at.Seconds())})
	}
	return ticks
}

// percent returns the share of a duration as a length of the style sheet.
func percent(part, whole time.Duration) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprintf("%.2f%%", 100*part.Seconds()/whole.Seconds())
}
