package provider_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// estate is one configuration of several resources and its state, driven as the
// practitioner drives Terraform: every run has provider processes of its own,
// refreshes and plans everything before it changes anything, and leaves out
// what depends on a failure.
type estate struct {
	t         testing.TB
	p         *simulator.Platform
	ctx       context.Context // of every run
	product   int64
	like      *core  // whose schemas every process has
	arguments object // of the provider block
	adopt     bool   // adopt_existing of the tasks
	force     bool   // force_destroy of the tasks
	tasks     [2]*instance
	sets      [2]*instance
	rollout   *instance
	told      diagnostics
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
	if like == nil {
		like = newCore(t, p, nil)
	}
	e := &estate{t: t, p: p, ctx: t.Context(), product: product, like: like}
	for n := range e.tasks {
		e.tasks[n], e.sets[n] = like.absent("aep_upgrade_task"), like.absent("aep_upgrade_devices")
	}
	e.rollout = like.absent("aep_upgrade_rollout")
	return e
}

// process starts the provider anew.
func (e *estate) process() *core { return e.like.restarted(e.t, e.p, e.arguments) }

// instances are all resources that the state may hold.
func (e *estate) instances() []*instance { return append(append(e.tasks[:], e.sets[:]...), e.rollout) }

// block is one resource of a configuration.
type block struct {
	*instance
	config  object // nil: not in the configuration
	parents []*instance
	found   change // what the plan phase came to
	needed  bool
}

// blocks are the resources of a wish, each after those it refers to.
func (e *estate) blocks(w wish) []*block {
	var all []*block
	for n, task := range e.tasks {
		config := object{
			"product_id": e.product, "firmware_id": lwm2mFirmware, "name": w.names[n], "retry_times": 1,
			"adopt_existing": e.adopt, "force_destroy": e.force,
		}
		if e.product == tLinkProduct {
			delete(config, "retry_times")
			config["firmware_id"], config["timeout_hours"] = tLinkFirmware, 24
		}
		if w.about[n] != "" {
			config["description"] = w.about[n]
		}
		all = append(all, &block{instance: task, config: config})
	}
	for n, set := range e.sets {
		one := &block{instance: set, parents: []*instance{e.tasks[n]}}
		if len(w.devices[n]) > 0 {
			one.config = object{"product_id": e.product, "task_id": e.taskID(n), "device_ids": w.devices[n], "batch_size": 3}
		}
		all = append(all, one)
	}
	last := &block{instance: e.rollout, parents: []*instance{e.tasks[0], e.sets[0]}}
	if w.start {
		last.config = object{
			"product_id": e.product, "task_id": e.taskID(0), "expected_device_count": len(w.devices[0]), "wait_for": "started",
		}
	}
	return append(all, last)
}

func (e *estate) taskID(n int) any {
	if !e.tasks[n].exists() {
		return unknown{}
	}
	return number(e.tasks[n], "task_id")
}

// plan refreshes and plans, and says what there is to do.
func (e *estate) plan(ctx context.Context, w wish) (todo []string, diags diagnostics) {
	e.t.Helper()
	blocks, diags := e.prepare(ctx, w)
	for _, b := range blocks {
		if b.needed {
			todo = append(todo, b.difference())
		}
	}
	return todo, diags
}

// prepare is the plan phase of a run.
func (e *estate) prepare(ctx context.Context, w wish) (blocks []*block, diags diagnostics) {
	e.t.Helper()
	c := e.process()
	for _, i := range e.instances() {
		if i.exists() {
			diags = append(diags, c.refresh(ctx, i)...)
		}
	}
	if diags.errors() != "" {
		return nil, diags
	}
	blocks = e.blocks(w)
	for _, b := range blocks {
		diags = append(diags, e.planOne(ctx, c, b)...)
	}
	return blocks, diags
}

func (e *estate) planOne(ctx context.Context, c *core, b *block) diagnostics {
	e.t.Helper()
	if b.config == nil && !b.exists() {
		return nil
	}
	b.found = c.propose(ctx, b.instance, b.config)
	b.needed = b.tainted || !b.value.Equal(b.found.planned)
	if b.found.replace {
		e.t.Errorf("the plan replaces %s %s, which nobody asked for", b.typeName, b.get("id"))
	}
	return b.found.diags
}

func (b *block) difference() string {
	if !b.exists() || b.found.planned.IsNull() {
		return fmt.Sprintf("%s exists: %t, planned: %t", b.typeName, b.exists(), !b.found.planned.IsNull())
	}
	changed, err := b.value.Diff(b.found.planned)
	return fmt.Sprintf("%s %s (tainted: %t): %v %v", b.typeName, b.get("id"), b.tainted, changed, err)
}

// apply is one terraform apply.
func (e *estate) apply(ctx context.Context, w wish) diagnostics {
	e.t.Helper()
	planned, diags := e.prepare(ctx, w)
	if diags.errors() == "" {
		diags = append(diags, e.carryOut(ctx, w, planned)...)
	}
	e.told = append(e.told, diags...)
	return diags
}

// carryOut is the apply phase of a run.
func (e *estate) carryOut(ctx context.Context, w wish, planned []*block) (diags diagnostics) {
	e.t.Helper()
	failed := map[*instance]bool{}
	c := e.process()
	for n, b := range planned {
		if slices.ContainsFunc(b.parents, func(i *instance) bool { return failed[i] }) {
			failed[b.instance] = true
			continue
		}
		if !b.needed {
			continue
		}
		config := e.blocks(w)[n].config // with what the blocks before it have made known
		var result diagnostics
		guessed := len(b.parents) > 0 && !b.found.planned.IsNull() && !fields(b.found.planned)["task_id"].IsKnown()
		if b.tainted || guessed {
			result = c.apply(ctx, b.instance, config)
		} else {
			result = c.carryOut(ctx, b.instance, config, b.found)
		}
		failed[b.instance] = result.errors() != ""
		diags = append(diags, result...)
	}
	return diags
}

// destroy is one terraform destroy.
func (e *estate) destroy(ctx context.Context) diagnostics {
	e.t.Helper()
	c := e.process()
	var diags diagnostics
	for _, i := range e.instances() {
		if i.exists() {
			diags = append(diags, c.refresh(ctx, i)...)
		}
	}
	if diags.errors() != "" {
		return diags
	}
	c = e.process()
	stays := map[*instance]bool{}
	for _, b := range slices.Backward(e.blocks(wish{})) {
		if b.exists() && !stays[b.instance] {
			result := c.apply(ctx, b.instance, nil)
			diags = append(diags, result...)
			stays[b.instance] = result.errors() != ""
		}
		for _, parent := range b.parents {
			stays[parent] = stays[parent] || stays[b.instance]
		}
	}
	e.told = append(e.told, diags...)
	return diags
}

// number reads a number of an instance's state; 0 if it is null.
func number(i *instance, attribute string) (n int64) {
	_, _ = fmt.Sscan(i.get(attribute), &n)
	return n
}
