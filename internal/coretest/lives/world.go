package lives

import (
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func (l *life) consoleJoins() {
	l.onRealTask(func(id int64) {
		if l.next < len(l.ids) {
			device := l.ids[l.next]
			l.next++
			l.flashes[device]++
			l.note("  %s to %d: %v", device, id, l.Platform.Join(id, device))
		}
	})
}

func (l *life) onMember(task int64, do func(device string)) {
	if all := l.Platform.Subtasks(task); len(all) > 0 {
		do(all[l.random.IntN(len(all))].DeviceID)
	}
}

func (l *life) consoleCancels() {
	l.onRealTask(func(id int64) {
		l.onMember(id, func(device string) { l.note("  %s of %d: %v", device, id, l.Platform.Cancel(id, device)) })
	})
}

func (l *life) consoleRetries() {
	l.onRealTask(func(id int64) {
		l.onMember(id, func(device string) {
			if l.Platform.Retry(id, device) == nil {
				l.flashes[device]++
			}
		})
	})
}

// consoleDeletes deletes a task. If it was started and the state does not show that,
// the practitioner asks for another upgrade.
func (l *life) consoleDeletes() {
	l.onRealTask(func(id int64) {
		task, _ := l.Platform.Task(id)
		devices := l.Platform.Subtasks(id)
		err := l.Platform.DeleteTask(id)
		l.note("  %d: %v", id, err)
		if err != nil || task.Status == simulator.Pending || l.showsStart(id) {
			return
		}
		for _, s := range devices {
			l.flashes[s.DeviceID]++
		}
	})
}

// showsStart reports whether the state shows that a task was started by its rollout, or has finished.
func (l *life) showsStart(id int64) bool {
	return slices.ContainsFunc(l.State.Addresses(), func(address string) bool {
		held := l.State[address]
		if coretest.Number(held.Instance, "task_id") != id {
			return false
		}
		return coretest.TypeOf(address) == "aep_upgrade_rollout" || coretest.TypeOf(address) == "aep_upgrade_task" &&
			held.Get("status") == "finished"
	})
}

// destroyAll carries out terraform destroy. The configuration stays.
func (l *life) destroyAll() {
	l.regroup()
	time.Sleep(time.Minute)
	diags := l.destroyNow()
	l.note("destroy: %s", brief(diags.Errors()))
	if diags.Errors() == "" {
		l.again()
	}
}

func (l *life) fault() {
	one := coretest.Faults[l.random.IntN(len(coretest.Faults))]
	l.note("  %s", one.Name)
	fault := one.Fault
	fault.Skip = l.random.IntN(60)
	l.broken = true
	l.Platform.Inject(fault)
}

// oddResponse removes a member from one response, or makes it null.
func (l *life) oddResponse() {
	members := []string{
		"firmwareId", "jobName", "jobStatus", "outTime", "retryTimes", "jobDesc", "productProtocol", "taskState", "deviceId", "total", "list",
	}
	member := members[l.random.IntN(len(members))]
	way := l.random.IntN(2)
	l.note("  %s, %d", member, way)
	l.broken = true
	l.Platform.Inject(simulator.Fault{
		Kind: simulator.RewriteBody, Skip: l.random.IntN(30), Times: 1 + l.random.IntN(3), When: simulator.IsRead,
		Rewrite: func(body []byte) []byte {
			return []byte(strings.ReplaceAll(string(body), `"`+member+`":`, []string{`"` + member + `Gone":`, `"` + member + `":null,"gone":`}[way]))
		},
	})
}

func (l *life) outage() {
	last := time.Duration(1+l.random.IntN(900)) * time.Second
	set := []func(bool){l.Platform.SetOutage, l.Platform.SetOutageRefused}[l.random.IntN(2)]
	l.atRequest(l.random.IntN(60), func() {
		l.broken, l.blind = true, true
		set(true)
		time.AfterFunc(last, func() { set(false) })
	})
}

// kill ends the provider before a request: it sends nothing more, and the state does
// not record its last step.
func (l *life) kill() {
	die := func() {
		l.broken, l.Lost = true, true
		l.Core.Wire.Cut.Store(true)
		l.ctrlC()
	}
	l.atRequest(l.random.IntN(60), die)
}

// rival runs Terraform a second time with the same state and configuration during the
// run, as happens without a state lock.
func (l *life) rival() {
	for _, task := range l.want.tasks {
		if !l.At(task.address()).Exists() {
			return // two tasks would be made, of which one state knows one
		}
	}
	l.again() // nothing keeps two runs from letting one device join at the same time
	l.atRequest(l.random.IntN(40), func() {
		l.broken, l.Monitor.Rivals = true, true
		other := coretest.NewWorkspace(l.T, l.Platform, l.Core)
		other.Arguments = l.Arguments
		other.Monitor.Rivals = true
		other.Monitor.Lists, other.Monitor.Listed = l.listed, slices.Clone(l.Monitor.Listed)
		other.State = l.State.Copied()
		diags := other.Apply(l.Ctx, l.want.blocks(), coretest.Options{})
		l.note("  rival: %s", brief(diags.Errors()))
	})
}
