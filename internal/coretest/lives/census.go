package lives

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

// Census counts the platforms, switches and moves of lives.
type Census struct {
	mu        sync.Mutex
	lives     int
	platforms map[string]bool
	pairs     map[[2]string]bool
	moves     map[string]int
	simulated time.Duration
}

// NewCensus returns a census without lives.
func NewCensus() *Census {
	return &Census{platforms: map[string]bool{}, pairs: map[[2]string]bool{}, moves: map[string]int{}}
}

// Add counts a life.
func (c *Census) Add(s Script, simulated time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lives++
	c.simulated += simulated
	c.platforms[fmt.Sprint(s.Product, s.Switches)] = true
	for _, m := range s.Moves {
		c.moves[m.kind]++
	}
	for n, a := range s.Switches {
		for _, b := range s.Switches[:n] {
			c.pairs[[2]string{b.Name, a.Name}] = true
		}
	}
}

func (c *Census) String() string {
	var text strings.Builder
	switches := len(coretest.Switches())
	fmt.Fprintf(&text, "%d lives on %d platforms, %.0f simulated hours, %d of %d pairs of switches\n",
		c.lives, len(c.platforms), c.simulated.Hours(), len(c.pairs), switches*(switches-1)/2)
	sum := 0
	for _, kind := range slices.Sorted(maps.Keys(c.moves)) {
		fmt.Fprintf(&text, "%6d %s\n", c.moves[kind], kind)
		sum += c.moves[kind]
	}
	fmt.Fprintf(&text, "%6d moves", sum)
	return text.String()
}
