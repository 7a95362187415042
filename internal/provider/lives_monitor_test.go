package provider_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// monitor looks at every request of a workspace's provider, and reports what no
// run of Terraform may do to a campaign.
type monitor struct {
	w        *workspace
	plan     *planned                      // that is being applied; nil while there is none
	ever     []string                      // devices that any set has listed
	lists    func(address string) []string // what a set lists; nil: its device_ids
	starts   func(task int64)              // looks at a start
	joined   map[int64]bool                // tasks with joins that nothing has been read back since
	joins    []int64                       // tasks that this run sent a join for
	started  []int64                       // in this run
	cancels  []cancelled                   // in this run
	rivalled bool                          // another run changes the same tasks: what it joins may not show yet
}

// cancelled is a device whose cancelling was sent.
type cancelled struct {
	task   int64
	device string
}

func newMonitor(w *workspace) *monitor {
	m := &monitor{w: w, joined: map[int64]bool{}}
	w.p.BeforeRequest(m.before)
	w.p.AfterProcessed(m.after)
	return m
}

// planning begins a run, and applying the second half of it.
func (m *monitor) planning() { m.plan, m.joins, m.started, m.cancels = nil, nil, nil, nil }

func (m *monitor) applying(made *planned) {
	m.plan = made
	for _, s := range made.steps {
		if s.object.typeName == "aep_upgrade_devices" {
			m.ever = union(union(m.ever, elements(fields(s.change.before.value)["device_ids"])), m.listed(s.address, s.config))
		}
	}
}

// listed are the devices that a set lists.
func (m *monitor) listed(address string, config object) []string {
	if m.lists != nil {
		return m.lists(address)
	}
	ids, _ := config["device_ids"].([]string)
	return ids
}

// elements are the texts of a list; none if it is null.
func elements(list tftypes.Value) (all []string) {
	var values []tftypes.Value
	if list.Type() == nil || list.As(&values) != nil {
		return nil
	}
	for _, one := range values {
		all = append(all, text(one))
	}
	return all
}

func (m *monitor) before(r simulator.Request) {
	if !r.Write || !m.w.core.wire.sent(r) {
		return
	}
	m.w.t.Helper()
	if m.w.arguments["read_only"] == true {
		m.w.t.Errorf("a write under read_only: %s", r.Operation)
	}
	if m.plan == nil {
		m.w.t.Errorf("a plan writes: %s of task %d", r.Operation, r.JobID)
		return
	}
	switch r.Operation {
	case simulator.OpOperational:
		m.operational(r)
	case simulator.OpControl:
		m.started = append(m.started, r.JobID)
		if m.starts != nil {
			m.starts(r.JobID)
		}
		if m.joined[r.JobID] {
			m.w.t.Errorf("task %d is started before its devices were read back", r.JobID)
		}
	case simulator.OpDelete:
		task, there := m.w.p.Task(r.JobID)
		if there && task.OpenCount > 0 && !m.forced(r.JobID) && !m.rivalled {
			m.w.t.Errorf("task %d is deleted with %d active devices, which nobody forced", r.JobID, task.OpenCount)
		}
	}
}

func (m *monitor) after(r simulator.Request) {
	switch {
	case !m.w.core.wire.sent(r):
	case r.Operation == simulator.OpOperational && strings.Contains(string(r.Body), joinBody):
		m.joined[r.JobID] = true
	case r.Operation == simulator.OpDevices || r.Operation == simulator.OpSubtasks || r.Operation == simulator.OpQueryDetail:
		delete(m.joined, r.JobID)
	case r.Operation == simulator.OpControl && m.w.p.StartCount(r.JobID) > 1:
		m.w.t.Errorf("task %d was started %d times", r.JobID, m.w.p.StartCount(r.JobID))
	}
}

// operational looks at a join or a cancel.
func (m *monitor) operational(r simulator.Request) {
	m.w.t.Helper()
	var body struct {
		Operational    int
		DeviceIDList   string `json:"deviceIdList"`
		DeviceInfoList []struct {
			DeviceID string `json:"deviceId"`
		} `json:"deviceInfoList"`
		TaskIDList string `json:"taskIdList"`
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		m.w.t.Errorf("the body of an operation: %v", err)
	}
	subtasks := m.w.p.Subtasks(r.JobID)
	switch body.Operational {
	case 1:
		m.joins = append(m.joins, r.JobID)
		ids := strings.Split(body.DeviceIDList, ",")
		for _, one := range body.DeviceInfoList {
			ids = append(ids, one.DeviceID)
		}
		for _, s := range subtasks {
			if slices.Contains(ids, s.DeviceID) && isActive(s) && !m.rivalled {
				m.w.t.Errorf("device %s is joined to task %d, of which it is an active member", s.DeviceID, r.JobID)
			}
		}
	case 2:
		for _, text := range strings.Split(body.TaskIDList, ",") {
			id, _ := strconv.ParseInt(text, 10, 64)
			for _, s := range subtasks {
				if s.ID == id && isActive(s) {
					m.cancel(r.JobID, s.DeviceID)
				}
			}
		}
	}
}

func isActive(s simulator.Subtask) bool {
	return s.Phase != simulator.PhaseCancelled && s.Phase != simulator.PhaseFailed && s.Phase != simulator.PhaseSucceeded
}

// cancel insists that the plan has announced it, and that the applied
// configuration does not list the device for the task.
func (m *monitor) cancel(task int64, device string) {
	m.w.t.Helper()
	m.cancels = append(m.cancels, cancelled{task, device})
	if m.ends(task) {
		return
	}
	for address, b := range m.plan.blocks {
		// Of a set that -target leaves out Terraform tells the provider nothing: an
		// exclusive set beside it counts its devices in the plan, and cancels them.
		if typeOf(address) != "aep_upgrade_devices" || m.plan.of(address) == nil {
			continue
		}
		config := b.config(m.w.state.lookup)
		id, known := config["task_id"].(tftypes.Value)
		if known && text(id) == text64(task) && slices.Contains(m.listed(address, config), device) {
			m.w.t.Errorf("device %s of task %d is cancelled, which %s lists", device, task, address)
		}
	}
	announced := slices.ContainsFunc(m.plan.steps, func(s *step) bool {
		changes := s.object.typeName == "aep_upgrade_devices" && s.of(task) && s.change.action != noAction
		return changes && (slices.Contains(m.ever, device) || s.config["exclusive"] == true)
	})
	if !announced {
		m.w.t.Errorf("device %s of task %d is cancelled, which no plan has announced", device, task)
	}
}

// of reports whether the object of a step, before or after it, belongs to a task.
func (s *step) of(task int64) bool {
	return number(&s.change.before, "task_id") == task || text(fields(s.change.planned)["task_id"]) == text64(task)
}

// ends reports whether the plan cancels the whole task, by its own end or by
// that of its rollout.
func (m *monitor) ends(task int64) bool {
	for _, s := range m.plan.steps {
		goes := s.change.action == deleteIt || s.deposed || s.change.action.replaces()
		switch {
		case !s.of(task):
		case s.object.typeName == "aep_upgrade_task" && goes:
			return true
		case s.object.typeName == "aep_upgrade_rollout" && s.change.action == deleteIt && s.change.before.get("on_destroy") == "cancel":
			return true
		case s.object.typeName == "aep_upgrade_rollout" && s.config["abort_failure_percent"] != nil:
			return true
		}
	}
	return false
}

// forced reports whether the task may be deleted with active devices.
func (m *monitor) forced(task int64) bool {
	return slices.ContainsFunc(m.plan.steps, func(s *step) bool {
		before := &s.change.before
		return s.object.typeName == "aep_upgrade_task" && number(before, "task_id") == task && before.get("force_destroy") == "true"
	})
}
