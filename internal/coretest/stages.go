package coretest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Stage is one run of Terraform in the course of a campaign.
type Stage struct {
	Name     string
	Product  int64
	Like     *Core
	Before   *CampaignsConfig // what was applied before; nil: nothing
	State    []Instance       // and what the state held after it
	after    []Instance       // what it holds after this run
	Want     *CampaignsConfig // nil: destroy
	Requests []bool           // that the run takes when nothing goes wrong: which of them write
}

// Stages runs a campaign without faults and returns its stages. A case begins with the
// state of its stage.
func Stages(t *testing.T, product int64) (stages []Stage) {
	synctest.Test(t, func(t *testing.T) {
		e := NewSmallCampaigns(t, product, nil)
		ids := e.Platform.DeviceIDs(product)
		create := CampaignsConfig{
			Names: [2]string{"north", "south"}, Descriptions: [2]string{"", "the other half"},
			Devices: [2][]string{ids[:7], ids[7:9]},
		}
		change := create
		change.Names[0], change.Descriptions = "north, gently", [2]string{"one by one", ""}
		change.Devices[0] = append(slices.Clone(ids[:6]), ids[9], ids[10])
		change.Start = true
		var before *CampaignsConfig
		for _, one := range []struct {
			name string
			want *CampaignsConfig
		}{{"create", &create}, {"change and start", &change}, {"destroy", nil}} {
			s := Stage{Name: one.name, Product: product, Like: e.Like, Before: before, Want: one.want, State: e.Saved()}
			e.Platform.ResetJournal()
			if diags := e.Run(s.Want); diags.Errors() != "" {
				t.Fatal(s.Name, diags.Errors())
			}
			for _, r := range e.Platform.Requests() {
				s.Requests = append(s.Requests, r.Write)
			}
			before, s.after = s.Want, e.Saved()
			if left := e.Remaining(s.Want); left != "" {
				t.Fatal(s.Name, left)
			}
			e.Check(s)
			t.Logf("%d %s: %d requests", product, s.Name, len(s.Requests))
			stages = append(stages, s)
		}
	})
	return stages
}

// NewSmallCampaigns returns campaigns on a platform of 16 devices, on which a started device
// waits for ever.
func NewSmallCampaigns(t *testing.T, product int64, like *Core) *Campaigns {
	t.Helper()
	e := NewCampaigns(t, NewPlatform(t, func(o *simulator.Options) {
		o.Products = simulator.DefaultProducts(16)
		o.CountEcho = true
		o.Upgrade.WaitingTime = 1000 * time.Hour
	}), product, like)
	return e
}

// Run repeats the stage, and one request fails. again is true if a second run was
// needed.
func (s Stage) Run(t *testing.T, k int, with Failure) (again, ok bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := NewSmallCampaigns(t, s.Product, s.Like)
		for n, i := range e.Instances() {
			*i = s.State[n]
		}
		e.Restore(s.Before)
		e.Adopt = with.Adopt
		e.Disarm = append(e.Disarm, with.Arm(e.Platform, k))
		again = e.Converge(s)
		e.Check(s)
		ok = !t.Failed()
	})
	return again, ok
}

// Restore gives a new platform the tasks and devices of a configuration.
func (e *Campaigns) Restore(w *CampaignsConfig) {
	e.T.Helper()
	if w == nil {
		return
	}
	e.written = w
	for n := range e.Tasks {
		about := w.Descriptions[n]
		id, err := e.Platform.CreateTask(simulator.TaskDraft{
			ProductID: e.product, FirmwareID: map[int64]int64{LwM2MProduct: LwM2MFirmware, TLinkProduct: TLinkFirmware}[e.product],
			Name: w.Names[n], Description: about, RetryTimes: 1, TimeoutHours: 24,
		})
		for _, device := range w.Devices[n] {
			if err == nil {
				err = e.Platform.Join(id, device)
			}
		}
		if err == nil && n == 0 && w.Start {
			err = e.Platform.Start(id)
		}
		if err != nil {
			e.T.Fatal(err)
		}
	}
}

// Rest waits until every outage has ended.
func (e *Campaigns) Rest() { time.Sleep(15 * time.Minute) }

// Run carries out terraform apply, or terraform destroy if w is nil.
func (e *Campaigns) Run(w *CampaignsConfig) Diagnostics {
	e.T.Helper()
	if w == nil {
		return e.Destroy(e.Ctx)
	}
	return e.Apply(e.Ctx, *w)
}

// Remaining returns what the next run would change, "" if nothing.
func (e *Campaigns) Remaining(w *CampaignsConfig) string {
	e.T.Helper()
	if w == nil {
		var left []string
		for _, i := range e.Instances() {
			if i.Exists() {
				left = append(left, i.TypeName)
			}
		}
		return strings.Join(left, " ")
	}
	todo, diags := e.Pending(e.Ctx, *w)
	return strings.Join(append(todo, diags.Errors()), "")
}

// Saved returns copies of all instances in the state.
func (e *Campaigns) Saved() []Instance {
	var all []Instance
	for _, i := range e.Instances() {
		all = append(all, *i)
	}
	return all
}

// Converge runs once, and a second time if the first did not suffice. It reports
// whether there was a second run.
func (e *Campaigns) Converge(s Stage) (again bool) {
	e.T.Helper()
	first := e.Run(s.Want).Errors()
	// If the state equals the state without faults, the plan is empty as it is
	// without faults. Check compares the platform.
	if first == "" && (slices.EqualFunc(e.Saved(), s.after, SameInstance) || e.Remaining(s.Want) == "") {
		return false
	}
	for _, disarm := range e.Disarm {
		disarm()
	}
	e.Rest()
	if second := e.Run(s.Want).Errors(); second != "" {
		e.T.Errorf("the second run fails: %s\nThe first: %s", second, first)
	}
	e.Rest() // a drawn platform may show a change to readers only after 20 seconds
	if left := e.Remaining(s.Want); left != "" {
		e.T.Errorf("after the second run there is still to do: %s\nThe first run: %s", left, first)
	}
	return true
}

// SameInstance reports whether two instances have the same value, private data and taint.
func SameInstance(a, b Instance) bool {
	return a.Value.Equal(b.Value) && bytes.Equal(a.Private, b.Private) && a.Tainted == b.Tainted
}

// Check fails the test if the platform is not as the stage must leave it.
func (e *Campaigns) Check(s Stage) {
	e.T.Helper()
	present := e.Platform.Tasks(e.product)
	if made := e.Platform.TasksEverCreated(); made != len(e.Tasks) {
		e.T.Errorf("%d tasks were made, want %d", made, len(e.Tasks))
	}
	for _, i := range e.Instances() {
		if i.Tainted {
			e.T.Errorf("%s %s is tainted", i.TypeName, i.Get("id"))
		}
	}
	if s.Want == nil {
		if len(present) > 0 {
			e.T.Errorf("destroy left %d tasks", len(present))
		}
		return
	}
	if len(present) != len(e.Tasks) {
		e.T.Errorf("%d tasks stand there, want %d", len(present), len(e.Tasks))
	}
	for n := range e.Tasks {
		e.CheckTask(Number(e.Tasks[n], "task_id"), n, *s.Want)
	}
}

// CheckTask fails the test if a task is not as its configuration says.
func (e *Campaigns) CheckTask(id int64, n int, w CampaignsConfig) {
	e.T.Helper()
	task, _ := e.Platform.Task(id)
	if task.Name != w.Names[n] || task.Description != w.Descriptions[n] {
		e.T.Errorf("task %d is %q, %q on the platform, want %q, %q", id, task.Name, task.Description, w.Names[n], w.Descriptions[n])
	}
	joined := map[string]bool{}
	for _, s := range e.Platform.Subtasks(id) {
		joined[s.DeviceID] = true
		wanted := slices.Contains(w.Devices[n], s.DeviceID)
		if s.Joins != 1 || IsActive(s) != wanted {
			e.T.Errorf("device %s of task %d was joined %d times and is %s; wanted: %t", s.DeviceID, id, s.Joins, s.Phase, wanted)
		}
	}
	for _, device := range w.Devices[n] {
		if !joined[device] {
			e.T.Errorf("device %s is not in task %d", device, id)
		}
	}
	starts := 0
	if n == 0 && w.Start {
		starts = 1
	}
	if got := e.Platform.StartCount(id); got != starts {
		e.T.Errorf("task %d was started %d times, want %d", id, got, starts)
	}
}
