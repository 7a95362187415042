package coretest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Monitor inspects every request of a workspace's provider. It fails the test for a
// request that no run of Terraform may send.
type Monitor struct {
	mu        sync.Mutex // the provider sends requests side by side
	t         testing.TB
	platform  *simulator.Platform
	core      *Core
	arguments func() Config                   // of the provider block, now
	state     func() State                    // of the workspace, now
	Plan      *Plan                           // that is being applied; nil while there is none
	Listed    []string                        // devices that any set has listed
	Lists     func(address string) []string   // what a set lists; nil: its device_ids
	Starts    func(task int64)                // looks at a start
	Sends     func(task int64, device string) // looks at a device that is to join; may be nil
	joined    map[int64]bool                  // tasks with joins that were not read back yet
	Joins     []int64                         // tasks that this run sent a join for
	Started   []int64                         // in this run
	cancels   []cancelled                     // in this run
	Rivals    bool                            // another run changes the same tasks; its joins may not show yet
}

// cancelled is a device whose cancelling was sent.
type cancelled struct {
	task   int64
	device string
}

func newMonitor(t testing.TB, p *simulator.Platform, c *Core, arguments func() Config, state func() State) *Monitor {
	m := &Monitor{t: t, platform: p, core: c, arguments: arguments, state: state, joined: map[int64]bool{}}
	p.BeforeRequest(m.before)
	p.AfterProcessed(m.after)
	return m
}

// planning begins a run. applying begins its second half.
func (m *Monitor) planning() { m.Plan, m.Joins, m.Started, m.cancels = nil, nil, nil, nil }

func (m *Monitor) applying(made *Plan) {
	m.Plan = made
	for _, s := range made.steps {
		if s.Object.TypeName == "aep_upgrade_devices" {
			m.Listed = Union(Union(m.Listed, elements(Fields(s.Change.before.Value)["device_ids"])), m.listedBy(s.Address, s.config))
		}
	}
}

// listedBy returns the devices that a set lists.
func (m *Monitor) listedBy(address string, config Config) []string {
	if m.Lists != nil {
		return m.Lists(address)
	}
	ids, _ := config["device_ids"].([]string)
	return ids
}

// elements returns the texts of a list, none if it is null.
func elements(list tftypes.Value) (all []string) {
	var values []tftypes.Value
	if list.Type() == nil || list.As(&values) != nil {
		return nil
	}
	for _, one := range values {
		all = append(all, Text(one))
	}
	return all
}

func (m *Monitor) before(r simulator.Request) {
	if !r.Write || !m.core.Wire.Sent(r) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.t.Helper()
	if m.arguments()["read_only"] == true {
		m.t.Errorf("a write under read_only: %s", r.Operation)
	}
	if m.Plan == nil {
		m.t.Errorf("a plan writes: %s of task %d", r.Operation, r.JobID)
		return
	}
	switch r.Operation {
	case simulator.OpOperational:
		m.operational(r)
	case simulator.OpControl:
		m.Started = append(m.Started, r.JobID)
		if m.Starts != nil {
			m.Starts(r.JobID)
		}
		if m.joined[r.JobID] {
			m.t.Errorf("task %d is started before its devices were read back", r.JobID)
		}
	case simulator.OpDelete:
		task, there := m.platform.Task(r.JobID)
		if there && task.OpenCount > 0 && !m.forced(r.JobID) && !m.Rivals {
			m.t.Errorf("task %d is deleted with %d active devices and without force_destroy", r.JobID, task.OpenCount)
		}
	}
}

func (m *Monitor) after(r simulator.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.core.Wire.Sent(r):
	case r.Operation == simulator.OpOperational && strings.Contains(string(r.Body), JoinBody):
		m.joined[r.JobID] = true
	case r.Operation == simulator.OpDevices || r.Operation == simulator.OpSubtasks || r.Operation == simulator.OpQueryDetail:
		delete(m.joined, r.JobID)
	case r.Operation == simulator.OpControl && m.platform.StartCount(r.JobID) > 1:
		m.t.Errorf("task %d was started %d times", r.JobID, m.platform.StartCount(r.JobID))
	}
}

// operational inspects a join or a cancel.
func (m *Monitor) operational(r simulator.Request) {
	m.t.Helper()
	var body struct {
		Operational    int
		DeviceIDList   string `json:"deviceIdList"`
		DeviceInfoList []struct {
			DeviceID string `json:"deviceId"`
		} `json:"deviceInfoList"`
		TaskIDList string `json:"taskIdList"`
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		m.t.Errorf("the body of an operation: %v", err)
	}
	subtasks := m.platform.Subtasks(r.JobID)
	switch body.Operational {
	case 1:
		m.Joins = append(m.Joins, r.JobID)
		ids := strings.Split(body.DeviceIDList, ",")
		for _, one := range body.DeviceInfoList {
			ids = append(ids, one.DeviceID)
		}
		m.sent(r.JobID, ids)
		for _, s := range subtasks {
			if slices.Contains(ids, s.DeviceID) && IsActive(s) && !m.Rivals {
				m.t.Errorf("device %s is joined to task %d, of which it is an active member", s.DeviceID, r.JobID)
			}
		}
	case 2:
		for text := range strings.SplitSeq(body.TaskIDList, ",") {
			id, _ := strconv.ParseInt(text, 10, 64)
			for _, s := range subtasks {
				if s.ID == id && IsActive(s) {
					m.cancel(r.JobID, s.DeviceID)
				}
			}
		}
	}
}

func (m *Monitor) sent(task int64, ids []string) {
	for _, id := range ids {
		if m.Sends != nil && id != "" {
			m.Sends(task, id)
		}
	}
}

// cancel fails the test if the plan has not announced the cancel of a device, or the
// applied configuration lists the device for the task.
func (m *Monitor) cancel(task int64, device string) {
	m.t.Helper()
	m.cancels = append(m.cancels, cancelled{task, device})
	if m.ends(task) {
		return
	}
	for address, b := range m.Plan.blocks {
		// The provider does not see a set that -target leaves out. An exclusive set
		// beside it counts its devices in the plan, and cancels them.
		if TypeOf(address) != "aep_upgrade_devices" || m.Plan.Step(address) == nil {
			continue
		}
		config := b.Config(m.state().Lookup)
		id, known := config["task_id"].(tftypes.Value)
		if known && Text(id) == Text64(task) && slices.Contains(m.listedBy(address, config), device) {
			m.t.Errorf("device %s of task %d is cancelled, which %s lists", device, task, address)
		}
	}
	announced := slices.ContainsFunc(m.Plan.steps, func(s *Step) bool {
		changes := s.Object.TypeName == "aep_upgrade_devices" && s.of(task) && s.Change.Action != NoAction
		return changes && (slices.Contains(m.Listed, device) || s.config["exclusive"] == true)
	})
	if !announced {
		m.t.Errorf("device %s of task %d is cancelled, which no plan has announced", device, task)
	}
}

// ends reports whether the plan cancels the whole task: it destroys the task, or a
// rollout that cancels.
func (m *Monitor) ends(task int64) bool {
	for _, s := range m.Plan.steps {
		goes := s.Change.Action == DeleteIt || s.deposed || s.Change.Action.Replaces()
		switch {
		case !s.of(task):
		case s.Object.TypeName == "aep_upgrade_task" && goes:
			return true
		case s.Object.TypeName == "aep_upgrade_rollout" && s.Change.Action == DeleteIt && s.Change.before.Get("on_destroy") == "cancel":
			return true
		case s.Object.TypeName == "aep_upgrade_rollout" && s.config["abort_failure_percent"] != nil:
			return true
		}
	}
	return false
}

// forced reports whether the task may be deleted with active devices.
func (m *Monitor) forced(task int64) bool {
	return slices.ContainsFunc(m.Plan.steps, func(s *Step) bool {
		before := &s.Change.before
		return s.Object.TypeName == "aep_upgrade_task" && Number(before, "task_id") == task && before.Get("force_destroy") == "true"
	})
}
