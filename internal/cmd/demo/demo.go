package main

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
)

// demo is what the steps share.
type demo struct {
	screen           *screen
	folder, binaries string
	platform         *platform
	console          *aep.Client // another user of the platform
	recorder         *recorder
	good, bad        *campaign
	report           *terraform
	devices          []string // of the file, in its order
	page             page.Data
}

// mark adds an event to the chart of the page.
func (d *demo) mark(title string) {
	d.page.Events = append(d.page.Events, page.Event{At: d.recorder.now(), Title: title})
}
