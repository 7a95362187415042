package page

import (
	"fmt"
	"strings"
)

// The grid of dots. A dot is a dash of length 0 with round ends, so that one line
// draws all dots of a phase in a row.
const (
	columns    = 100
	fewColumns = 50 // for a wave that fits into one such row
	pitch      = 6
)

// dots is the picture of the devices of a wave, one dot each.
type dots struct {
	Width, Height int
	Paths         []dotPath
}

// dotPath draws all dots of one phase.
type dotPath struct{ Class, D string }

// newDots places devices in rows.
func newDots(devices []Phase) dots {
	width := columns
	if len(devices) <= fewColumns {
		width = fewColumns
	}
	rows := (len(devices) + width - 1) / width
	d := dots{Width: width * pitch, Height: rows * pitch}
	var paths [phases]strings.Builder
	for i := 0; i < len(devices); {
		end := runEnd(devices, i, width)
		fmt.Fprintf(&paths[devices[i]], "M%d %dh%d", i%width*pitch+pitch/2, i/width*pitch+pitch/2, (end-i-1)*pitch+1)
		i = end
	}
	for p := range paths {
		if paths[p].Len() > 0 {
			d.Paths = append(d.Paths, dotPath{names[p], paths[p].String()})
		}
	}
	return d
}

// runEnd returns the index after the last device that has the phase of device i
// and is in its row.
func runEnd(devices []Phase, i, width int) int {
	end := i + 1
	for end < len(devices) && end%width != 0 && devices[end] == devices[i] {
		end++
	}
	return end
}
