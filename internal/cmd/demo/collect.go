package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
)

// collect reads the result of every device for the page, after the end of the last
// task.
func (d *demo) collect(ctx context.Context) error {
	if err := d.recorder.end(ctx); err != nil {
		return err
	}
	for _, c := range []*campaign{d.good, d.bad} {
		shown := page.Campaign{Firmware: c.version}
		for _, w := range c.waves {
			result := page.Wave{Title: w.title, TaskID: w.task.ID, Minimum: w.minimum, Devices: make([]page.Phase, w.devices)}
			if w.task.ID != 0 {
				rows, err := d.console.Subtasks(ctx, aep.SubtaskQuery{Key: w.task.Key()}, 0)
				if err != nil {
					return err
				}
				result.Devices = d.results(rows.Rows)
				result.Samples = d.recorder.samples(w.task.ID)
				d.page.Failures = failures(rows.Rows) // The last campaign has one task.
			}
			shown.Waves = append(shown.Waves, result)
		}
		d.page.Campaigns = append(d.page.Campaigns, shown)
	}
	return nil
}

// results returns the phase of each device, in the order of the file.
func (d *demo) results(rows []aep.Subtask) []page.Phase {
	phase := map[string]page.Phase{}
	for _, row := range rows {
		phase[row.DeviceID] = phaseOf(row.Code)
	}
	var results []page.Phase
	for _, id := range d.devices {
		if p, joined := phase[id]; joined {
			results = append(results, p)
		}
	}
	return results
}

// shownFailures is the number of failed devices on the page.
const shownFailures = 8

// failures counts the failed devices by result code and names some.
func failures(rows []aep.Subtask) page.Failures {
	var f page.Failures
	for _, row := range rows {
		if phaseOf(row.Code) != page.Failed {
			continue
		}
		words := progress.ResultInWords(aep.LwM2M, row.ResultCode)
		i := slices.IndexFunc(f.Codes, func(c page.Code) bool { return c.Code == row.ResultCode })
		if i < 0 {
			i = len(f.Codes)
			f.Codes = append(f.Codes, page.Code{Code: row.ResultCode, Words: words})
		}
		f.Codes[i].Devices++
		if len(f.Devices) < shownFailures {
			f.Devices = append(f.Devices, page.Device{
				ID: row.DeviceID, Name: row.DeviceName, Result: words, Version: cmp.Or(row.VersionAfter, row.VersionBefore),
			})
		}
	}
	slices.SortFunc(f.Codes, func(a, b page.Code) int {
		return cmp.Or(cmp.Compare(b.Devices, a.Devices), cmp.Compare(a.Code, b.Code))
	})
	return f
}
