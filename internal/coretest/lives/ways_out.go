package lives

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
)

// run carries out terraform apply of the current configuration.
func (l *life) run() {
	l.T.Helper()
	time.Sleep(time.Minute + time.Duration(l.random.IntN(3600))*time.Second)
	l.regroup()
	ctx, cancel := context.WithCancel(l.Ctx)
	l.ctrlC = cancel
	defer l.calm(cancel)
	o := l.options
	l.options = coretest.Options{Moved: o.Moved}
	made := l.Plan(ctx, l.want.blocks(), o)
	if made.Diags.Errors() != "" {
		l.note("plan%s fails: %s", o, brief(made.Diags.Errors()))
		if !l.broken {
			l.refused(made.Diags.Errors())
		}
		return
	}
	l.finish(ctx, made, o)
}

// finish applies a plan and checks the invariants.
func (l *life) finish(ctx context.Context, made *coretest.Plan, o coretest.Options) coretest.Diagnostics {
	l.T.Helper()
	l.markOut()
	diags := append(slices.Clone(made.Diags), l.ApplyPlan(ctx, made)...)
	l.note("apply%s %s: %s", o, made, brief(diags.Errors()))
	l.options.Moved = nil
	if ctx.Err() == nil { // else Terraform says itself that the apply was interrupted
		l.lookBack(diags, o)
	}
	if strings.HasPrefix(diags.Errors(), "Cycle") {
		l.revert()
	}
	if diags.Errors() == "" && len(o.Target) == 0 {
		l.applied = l.want.copied()
	}
	return diags
}

// refused reacts to a plan that the provider refuses. Like a practitioner, it takes the
// way out that the message names, or restores the configuration that was applied.
func (l *life) refused(said string) {
	if l.random.IntN(2) == 0 && l.wayOut(said) {
		return
	}
	l.revert()
}

// revert restores the configuration that was applied last.
func (l *life) revert() {
	l.note("reverts")
	l.want, l.options.Moved = l.applied.copied(), nil
}

// wayOut does what an error message proposes. It reports whether there was a proposal.
func (l *life) wayOut(said string) (followed bool) {
	follow := func(phrase string, do func() bool) {
		if strings.Contains(said, phrase) && do() {
			l.note("way out: %s", phrase)
			followed = true
		}
	}
	follow("untaint", l.untaintAll)
	if !followed {
		follow("action aep_upgrade_cancel", func() bool { return l.cancelLeft(said) })
	}
	follow("moved {", l.addMoved)
	follow("moved block", l.addMoved)
	follow("Cycle", l.addMoved) // Terraform's own: objects in the state are created first, and the new addresses are not
	if !followed {
		follow("import it", l.importTasks)
	}
	follow("on_remove = \"keep\"", func() bool { return l.first(func(s *setPart) *bool { return &s.keep }) })
	follow("exclusive = false", l.shareTasks)
	follow("force_destroy", func() bool { return l.first(func(s *setPart) *bool { return &s.force }) })
	if !followed {
		follow("lifecycle { destroy = false }", l.forgetUnwritten)
	}
	follow("allow_recreate", l.recreate)
	follow("adopt_existing", func() bool { return l.allTasks(func(t *taskPart) *bool { return &t.adopt }) })
	follow("expected_device_count", l.expectAsIs)
	follow("create_before_destroy", l.destroyFirst)
	follow("Wait until the devices are final", l.wait)
	follow("Wait until they are final. To cancel them", l.wait)
	follow("Wait until it has finished", l.wait)
	follow("任务已启动,不允许修改", l.leaveSettings)
	follow("no device left to upgrade", l.startNothing)
	follow("没有可升级的设备", l.startNothing)
	follow("remove the blocks that name it", l.startNothing)
	follow("任务名称已存在", l.renameTasks) // of a task that the state has forgotten
	if !followed {
		follow("apply that task first (-target)", l.tasksFirst)
		follow("give this task another name", l.renameTasks)
		follow("give them different names", l.renameTasks)
	}
	return followed
}

// recreate consents to new tasks for started ones.
func (l *life) recreate() (changed bool) {
	l.again()
	return l.allTasks(func(t *taskPart) *bool { return &t.recreate })
}

// shareTasks removes exclusive, also from the configuration that was applied.
func (l *life) shareTasks() (changed bool) {
	for _, c := range []*configuration{l.applied, l.want} {
		c.parts(func(_ *taskPart, s *setPart) {
			changed = changed || s.exclusive
			s.exclusive = false
		})
	}
	return changed
}

// tasksFirst applies the tasks that are not in the state.
func (l *life) tasksFirst() bool {
	moved := l.options.Moved
	l.options.Target = nil
	for _, task := range l.want.tasks {
		if !l.At(task.address()).Exists() {
			l.options.Target = append(l.options.Target, task.address())
		}
	}
	if len(l.options.Target) == 0 {
		return false
	}
	l.run()
	l.options.Moved = moved
	return true
}

// cancelLeft cancels, at the console, the devices that keep a task from being deleted, and the named devices that keep
// it from being started.
func (l *life) cancelLeft(said string) (changed bool) {
	for _, found := range refusedForDevices.FindAllStringSubmatch(said, -1) {
		id, _ := strconv.ParseInt(found[2], 10, 64)
		for _, device := range l.active(id) {
			if found[1] == "delete" || strings.Contains(said, device) {
				changed = l.Platform.Cancel(id, device) == nil || changed
			}
		}
	}
	return changed
}

var refusedForDevices = regexp.MustCompile(`Unable to (delete|start) upgrade task: Task (\d+)`)

// importTasks brings the tasks of sets and rollouts back into the state.
func (l *life) importTasks() (changed bool) {
	for _, task := range l.want.tasks {
		if l.At(task.address()).Exists() {
			continue
		}
		dependants := []string{task.rollout()}
		for _, set := range task.sets {
			dependants = append(dependants, set.address())
		}
		for _, address := range dependants {
			held := l.At(address)
			if !held.Exists() {
				continue
			}
			id := coretest.Number(held.Instance, "task_id")
			diags := l.Import(l.Ctx, task.address(), fmt.Sprintf("%d/%d", l.want.product, id))
			l.note("  import of task %d: %s", id, brief(diags.Errors()))
			changed = changed || l.At(task.address()).Exists()
			break
		}
	}
	return changed
}

// addMoved writes moved blocks for objects whose address has left the configuration, to
// the new address of the same set.
func (l *life) addMoved() (changed bool) {
	written := l.want.blocks()
	for _, from := range l.State.Addresses() {
		if slices.ContainsFunc(written, func(b *coretest.Block) bool { return b.Address == from }) {
			continue
		}
		for _, b := range written {
			same := coretest.TypeOf(from) == coretest.TypeOf(b.Address) && !l.At(b.Address).Exists() && l.relabelled(from) == b.Address
			if same {
				if l.options.Moved == nil {
					l.options.Moved = map[string]string{}
				}
				changed = changed || l.options.Moved[from] != b.Address
				l.options.Moved[from] = b.Address
			}
		}
	}
	return changed
}

// relabelled returns the new address of an object. A new label has an x before the old.
func (l *life) relabelled(from string) string {
	first := func(address string) string {
		name, label, _ := strings.Cut(address, ".")
		return name + "." + strings.TrimLeft(label, "x")
	}
	for _, b := range l.want.blocks() {
		if first(b.Address) == first(from) {
			return b.Address
		}
	}
	return ""
}

// first sets an argument in the configuration that was applied, applies that, and keeps
// the argument in the current configuration.
func (l *life) first(of func(*setPart) *bool) (changed bool) {
	set := func(c *configuration) {
		c.parts(func(task *taskPart, s *setPart) {
			changed = changed || !*of(s)
			*of(s) = true
			if s.force {
				task.force = true
			}
		})
		for _, task := range c.tasks {
			if len(task.sets) == 0 {
				changed = changed || !task.force
				task.force = true
			}
		}
	}
	set(l.applied)
	set(l.want)
	if !changed || len(l.applied.tasks) == 0 {
		return changed
	}
	wanted, moved := l.want, l.options.Moved
	l.want, l.options = l.applied.copied(), coretest.Options{}
	l.note("applies it first")
	l.run()
	l.want, l.options.Moved = wanted, moved
	return true
}
