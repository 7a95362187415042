package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// estate is a workspace with one configuration: two tasks with a set each, and a rollout.
type estate struct {
	*workspace
	product int64
	like    *core // whose schemas every process has
	adopt   bool  // adopt_existing of the tasks
	tasks   [2]*instance
	sets    [2]*instance
	rollout *instance
	disarm  []func() // faults that may not have been met in the first run
	written *wish    // the configuration, once there is one
}

// wish is what the configuration says.
type wish struct {
	names   [2]string
	about   [2]string
	devices [2][]string // none: no set
	start   bool        // the first task
}

func newEstate(t testing.TB, p *simulator.Platform, product int64, like *core) *estate {
	t.Helper()
	e := &estate{workspace: newWorkspace(t, p, like), product: product, like: like}
	if like == nil {
		e.like = e.core
	}
	for n := range e.tasks {
		e.tasks[n], e.sets[n] = e.at(taskAt(n)).instance, e.at(setAt(n)).instance
	}
	e.rollout = e.at(rolloutAt).instance
	return e
}

const rolloutAt = "aep_upgrade_rollout.start"

func taskAt(n int) string { return fmt.Sprintf("aep_upgrade_task.t%d", n) }
func setAt(n int) string  { return fmt.Sprintf("aep_upgrade_devices.s%d", n) }

// instances are all resources that the state may hold.
func (e *estate) instances() []*instance { return append(append(e.tasks[:], e.sets[:]...), e.rollout) }

// blocks are the resources of a wish.
func (e *estate) blocks(w wish) (all []*block) {
	for n := range e.tasks {
		all = append(all, &block{address: taskAt(n), config: func(lookup) object { return e.taskConfig(w, n) }})
		if len(w.devices[n]) > 0 {
			all = append(all, &block{address: setAt(n), needs: []string{taskAt(n)}, config: func(of lookup) object {
				return object{
					"product_id": e.product, "task_id": of(taskAt(n), "task_id"), "device_ids": w.devices[n], "batch_size": 3,
					"force_destroy": true,
				}
			}})
		}
	}
	if w.start {
		all = append(all, &block{address: rolloutAt, needs: []string{taskAt(0), setAt(0)}, config: func(of lookup) object {
			return object{
				"product_id": e.product, "task_id": of(taskAt(0), "task_id"),
				"expected_device_count": len(w.devices[0]), "wait_for": "started",
			}
		}})
	}
	return all
}

func (e *estate) taskConfig(w wish, n int) object {
	config := object{
		"product_id": e.product, "firmware_id": lwm2mFirmware, "name": w.names[n], "retry_times": 1,
		"adopt_existing": e.adopt, "force_destroy": true,
	}
	if e.product == tLinkProduct {
		delete(config, "retry_times")
		config["firmware_id"], config["timeout_hours"] = tLinkFirmware, 24
	}
	if w.about[n] != "" {
		config["description"] = w.about[n]
	}
	return config
}

// plan refreshes and plans, and says what there is to do.
func (e *estate) plan(ctx context.Context, w wish) (todo []string, diags diagnostics) {
	e.t.Helper()
	made := e.prepare(ctx, w)
	for _, s := range made.open() {
		todo = append(todo, s.difference())
	}
	return todo, made.diags
}

// prepare is the plan phase of a run. Nothing that these tests do replaces anything.
func (e *estate) prepare(ctx context.Context, w wish) *planned {
	e.t.Helper()
	made := e.workspace.plan(ctx, e.blocks(w), options{})
	for _, s := range made.steps {
		if s.change.action.replaces() && !s.object.tainted {
			e.t.Errorf("the plan replaces %s %s, which nobody asked for", s.address, s.object.get("id"))
		}
	}
	return made
}

func (s *step) difference() string {
	if !s.object.exists() || s.change.planned.IsNull() {
		return fmt.Sprintf("%s: %s", s.address, s.change.action)
	}
	changed, err := s.object.value.Diff(s.change.planned)
	return fmt.Sprintf("%s %s: %s %v %v", s.address, s.object.get("id"), s.change.action, changed, err)
}

// apply is one terraform apply.
func (e *estate) apply(ctx context.Context, w wish) diagnostics {
	e.t.Helper()
	e.written = &w
	return e.workspace.carryOut(ctx, e.prepare(ctx, w))
}

// destroy is one terraform destroy, with the configuration that was applied last.
func (e *estate) destroy(ctx context.Context) diagnostics {
	e.t.Helper()
	var blocks []*block
	if e.written != nil {
		blocks = e.blocks(*e.written)
	}
	return e.workspace.destroy(ctx, blocks, options{})
}

// number reads a number of an instance's state; 0 if it is null.
func number(i *instance, attribute string) (n int64) {
	_, _ = fmt.Sscan(i.get(attribute), &n)
	return n
}
