package main

import (
	"fmt"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// campaign is a copy of examples/staged-rollout with its own state.
type campaign struct {
	*terraform
	version string
	waves   []wave
}

// wave is what a campaign expects of a wave. The hash of the device ids decides
// its size.
type wave struct {
	title     string
	devices   int
	minimum   int // percentage that must succeed
	task      aep.Task
	succeeded int
}

// name returns the name of a campaign. The name of a task is that of the campaign
// and the title of its wave.
func (c *campaign) name() string { return "Meters " + c.version }

// taskName returns the name of the task of a wave.
func (c *campaign) taskName(w wave) string { return c.name() + ", " + w.title }

// result returns the expected result of a wave in words.
func (w wave) result() string {
	return fmt.Sprintf("%s: %s of %s devices succeeded, the minimum is %d %%",
		w.title, progress.Grouped(w.succeeded), progress.Grouped(w.devices), w.minimum)
}
