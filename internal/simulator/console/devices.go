package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

var phases = []simulator.Phase{
	simulator.PhaseWaiting, simulator.PhaseInProgress, simulator.PhaseSucceeded, simulator.PhaseFailed, simulator.PhaseCancelled,
}

// devices serves the devices of a task in the order of joining. The parameter
// phase selects some of them, limit is the largest number.
func (p *platform) devices(r *http.Request) (any, error) {
	task, _, err := p.taskOf(r)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", int(^uint(0)>>1))
	if err != nil {
		return nil, err
	}
	phase := simulator.Phase(r.URL.Query().Get("phase"))
	if phase != "" && !slices.Contains(phases, phase) {
		return nil, invalid("%q is not one of the phases %v", phase, phases)
	}
	found := Devices{Devices: []Device{}}
	for _, s := range p.Subtasks(task.ID) {
		if phase != "" && s.Phase != phase {
			continue
		}
		found.Total++
		if found.Total <= limit {
			found.Devices = append(found.Devices, Device{
				ID: s.DeviceID, Phase: string(s.Phase), Code: s.Code, ResultCode: s.ResultCode,
				VersionBefore: s.VersionBefore, VersionAfter: s.VersionAfter, Tries: s.Tries,
			})
		}
	}
	return found, nil
}

// deviceIDs serves the ids of the devices of a product. The parameter limit is
// the largest number.
func (p *platform) deviceIDs(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("product"), 10, 64)
	if err != nil {
		return nil, invalid("%q is not the id of a product", r.PathValue("product"))
	}
	if _, err := p.product(id); err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", int(^uint(0)>>1))
	if err != nil {
		return nil, err
	}
	ids := append([]string{}, p.DeviceIDs(id)...)
	return ids[:min(limit, len(ids))], nil
}

// way is an operation on devices of a task. Without join, it changes the
// devices in one of the phases.
type way struct {
	join   bool
	phases []simulator.Phase
	done   string
	change func(p *platform, task int64, resultCode string, devices []string) error
}

var ways = map[string]way{
	"join": {join: true, change: func(p *platform, task int64, _ string, devices []string) error {
		return p.Join(task, devices...)
	}},
	"cancel": {phases: phases[:2], done: "cancelled", change: func(p *platform, task int64, _ string, devices []string) error {
		return p.Cancel(task, devices...)
	}},
	"retry": {phases: phases[3:4], done: "retried", change: func(p *platform, task int64, _ string, devices []string) error {
		return p.Retry(task, devices...)
	}},
	"fail": {phases: phases[:2], done: "made to fail", change: func(p *platform, task int64, resultCode string, devices []string) error {
		return p.Fail(task, resultCode, devices...)
	}},
}

// changeDevices joins, cancels, retries or fails devices.
func (p *platform) changeDevices(r *http.Request) (any, error) {
	name := r.PathValue("way")
	chosen, known := ways[name]
	if !known {
		return nil, missing("devices have join, cancel, retry and fail, not %q", name)
	}
	task, _, err := p.taskOf(r)
	if err != nil {
		return nil, err
	}
	choice, err := read[Choice](r)
	if err != nil {
		return nil, err
	}
	ids, err := p.choose(task, chosen, choice)
	if err != nil {
		return nil, err
	}
	if err := chosen.change(p, task.ID, choice.ResultCode, ids); err != nil {
		return nil, fmt.Errorf("devices of %s: %w", titled(task), err)
	}
	return Changed{len(ids)}, nil
}

// choose returns the ids of the devices that a choice selects: at least one.
func (p *platform) choose(task simulator.Task, w way, c Choice) ([]string, error) {
	switch {
	case !c.Valid():
		return nil, invalid("name devices, a count of at least 1, or all: exactly one of these")
	case len(c.Devices) > 0:
		return c.Devices, p.checkDevices(task, w, c.Devices)
	}
	limit := c.Count
	if c.All {
		limit = -1
	}
	ids := p.able(task, w, limit)
	if len(ids) == 0 {
		if w.join {
			return nil, invalid("product %d has no free device that %s lacks", task.ProductID, titled(task))
		}
		return nil, invalid("no device of %s can be %s", titled(task), w.done)
	}
	return ids, nil
}

// able returns the first devices that an operation can change, all if limit is
// negative. A device in an unfinished upgrade of another task is none of them.
func (p *platform) able(task simulator.Task, w way, limit int) []string {
	subtasks := p.Subtasks(task.ID)
	if w.join {
		return first(limit, p.FreeDevices(task.ProductID, -1), subtasks)
	}
	var ids []string
	for _, s := range subtasks {
		if len(ids) == limit {
			break
		}
		if slices.Contains(w.phases, s.Phase) && !s.Elsewhere {
			ids = append(ids, s.DeviceID)
		}
	}
	return ids
}

// first returns the first of the free devices that the joined list of a task
// lacks, all if limit is negative.
func first(limit int, free []string, subtasks []simulator.Subtask) []string {
	joined := map[string]bool{}
	for _, s := range subtasks {
		joined[s.DeviceID] = joined[s.DeviceID] || s.Joined
	}
	free = slices.DeleteFunc(free, func(id string) bool { return joined[id] })
	if limit < 0 {
		return free
	}
	return free[:min(limit, len(free))]
}

// checkDevices returns an error that names the first device that is not where
// an operation expects it.
func (p *platform) checkDevices(task simulator.Task, w way, ids []string) error {
	for _, id := range ids {
		if _, exists := p.Device(task.ProductID, id); w.join && !exists {
			return missing("device %s does not exist in product %d", id, task.ProductID)
		}
		if _, joined := p.Subtask(task.ID, id); !w.join && !joined {
			return missing("device %s is not in %s", id, titled(task))
		}
	}
	return nil
}
