package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// census counts what lives have met.
type census struct {
	mu        sync.Mutex
	lives     int
	platforms map[string]bool
	pairs     map[[2]string]bool
	moves     map[string]int
	simulated time.Duration
}

func newCensus() *census {
	return &census{platforms: map[string]bool{}, pairs: map[[2]string]bool{}, moves: map[string]int{}}
}

func (c *census) add(s script, simulated time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lives++
	c.simulated += simulated
	c.platforms[fmt.Sprint(s.product, s.toggles)] = true
	for _, m := range s.moves {
		c.moves[m.kind]++
	}
	for n, a := range s.toggles {
		for _, b := range s.toggles[:n] {
			c.pairs[[2]string{b.name, a.name}] = true
		}
	}
}

func (c *census) String() string {
	var text strings.Builder
	switches := len(toggles())
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
