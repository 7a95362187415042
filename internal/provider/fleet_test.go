package provider_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fleet is one configuration of several resources and its state, driven as the
// practitioner drives Terraform: every run has provider processes of its own,
// refreshes and plans everything before it changes anything, and leaves out
// what depends on a failure.
type fleet struct {
	t         testing.TB
	p         *simulator.Platform
	product   int64
	arguments object // of the provider block
	adopt     bool   // adopt_existing of the tasks
	tasks     [2]*instance
	sets      [2]*instance
	rollout   *instance // nil while the provider has no such resource
	told      diagnostics
}

// wish is what the configuration says.
type wish struct {
	names   [2]string
	about   [2]string
	devices [2][]string
	start   bool // the first task
}

const rolloutType = "aep_upgrade_rollout"

func newFleet(t testing.TB, p *simulator.Platform, product int64) *fleet {
	t.Helper()
	f := &fleet{t: t, p: p, product: product}
	c := f.process()
	for n := range f.tasks {
		f.tasks[n], f.sets[n] = c.absent("aep_upgrade_task"), c.absent("aep_upgrade_devices")
	}
	if c.schemas.ResourceSchemas[rolloutType] != nil {
		f.rollout = c.absent(rolloutType)
	}
	return f
}

// process starts the provider anew.
func (f *fleet) process() *core { return newCore(f.t, f.p, f.arguments) }

// block is one resource of a configuration.
type block struct {
	*instance
	config  object // nil: not in the configuration
	parents []*instance
}

// blocks are the resources of a wish, each after those it refers to.
func (f *fleet) blocks(w wish) []block {
	var all []block
	for n, task := range f.tasks {
		config := object{
			"product_id": f.product, "firmware_id": lwm2mFirmware, "name": w.names[n], "retry_times": 1,
			"adopt_existing": f.adopt, "force_destroy": false,
		}
		if f.product == tLinkProduct {
			delete(config, "retry_times")
			config["firmware_id"], config["timeout_hours"] = tLinkFirmware, 24
		}
		if w.about[n] != "" {
			config["description"] = w.about[n]
		}
		all = append(all, block{instance: task, config: config})
	}
	for n, set := range f.sets {
		all = append(all, block{instance: set, parents: []*instance{f.tasks[n]}, config: object{
			"product_id": f.product, "task_id": f.taskID(n), "device_ids": w.devices[n], "batch_size": 3,
		}})
	}
	if f.rollout != nil {
		one := block{instance: f.rollout, parents: []*instance{f.tasks[0], f.sets[0]}}
		if w.start {
			one.config = object{
				"product_id": f.product, "task_id": f.taskID(0), "expected_device_count": len(w.devices[0]), "wait_for": "started",
			}
		}
		all = append(all, one)
	}
	return all
}

func (f *fleet) taskID(n int) any {
	if !f.tasks[n].exists() {
		return unknown{}
	}
	return number(f.tasks[n], "task_id")
}

// refresh reads everything that the state holds.
func (f *fleet) refresh(ctx context.Context, c *core, blocks []block) (diags diagnostics) {
	for _, b := range blocks {
		if b.exists() {
			diags = append(diags, c.refresh(ctx, b.instance)...)
		}
	}
	return diags
}

// plan refreshes and plans, and says what there is to do.
func (f *fleet) plan(ctx context.Context, w wish) (todo []string, diags diagnostics) {
	c, blocks := f.process(), f.blocks(w)
	if diags = f.refresh(ctx, c, blocks); diags.errors() != "" {
		return nil, diags
	}
	for _, b := range blocks {
		made, needed := f.planOne(ctx, c, b)
		diags = append(diags, made.diags...)
		if needed && made.diags.errors() == "" {
			todo = append(todo, difference(b.instance, made))
		}
	}
	return todo, diags
}

func (f *fleet) planOne(ctx context.Context, c *core, b block) (made change, needed bool) {
	if b.config == nil && !b.exists() {
		return change{}, false
	}
	made = c.plan(ctx, b.instance, b.config)
	if made.replace {
		f.t.Errorf("the plan replaces %s %s, which nobody asked for", b.typeName, b.get("id"))
	}
	return made, b.tainted || !b.value.Equal(made.planned)
}

func difference(i *instance, made change) string {
	if !i.exists() || made.planned.IsNull() {
		return fmt.Sprintf("%s exists: %t, planned: %t", i.typeName, i.exists(), !made.planned.IsNull())
	}
	changed, err := i.value.Diff(made.planned)
	return fmt.Sprintf("%s %s (tainted: %t): %v %v", i.typeName, i.get("id"), i.tainted, changed, err)
}

// apply is one terraform apply.
func (f *fleet) apply(ctx context.Context, w wish) diagnostics {
	f.t.Helper()
	_, diags := f.plan(ctx, w)
	if diags.errors() != "" {
		return diags
	}
	failed := map[*instance]bool{}
	c := f.process()
	for n := range f.blocks(w) {
		b := f.blocks(w)[n] // anew, for what the blocks before it have made known
		made, needed := change{}, false
		if !slices.ContainsFunc(b.parents, func(i *instance) bool { return failed[i] }) {
			made, needed = f.planOne(ctx, c, b)
		}
		failed[b.instance] = made.diags.errors() != ""
		diags = append(diags, made.diags...)
		if needed && !failed[b.instance] {
			result := c.apply(ctx, b.instance, b.config)
			failed[b.instance] = result.errors() != ""
			diags = append(diags, result...)
		}
		for _, parent := range b.parents {
			failed[b.instance] = failed[b.instance] || failed[parent]
		}
	}
	f.told = append(f.told, diags...)
	return diags
}

// destroy is one terraform destroy.
func (f *fleet) destroy(ctx context.Context, w wish) diagnostics {
	f.t.Helper()
	c, blocks := f.process(), f.blocks(w)
	diags := f.refresh(ctx, c, blocks)
	if diags.errors() != "" {
		return diags
	}
	c = f.process()
	stays := map[*instance]bool{}
	for _, b := range slices.Backward(blocks) {
		if b.exists() && !stays[b.instance] {
			result := c.apply(ctx, b.instance, nil)
			diags = append(diags, result...)
			stays[b.instance] = result.errors() != ""
		}
		for _, parent := range b.parents {
			stays[parent] = stays[parent] || stays[b.instance]
		}
	}
	return diags
}

// instances are all resources that the state may hold.
func (f *fleet) instances() []*instance {
	all := append(f.tasks[:], f.sets[:]...)
	if f.rollout != nil {
		all = append(all, f.rollout)
	}
	return all
}

// number reads a number of an instance's state; 0 if it is null.
func number(i *instance, attribute string) (n int64) {
	value := fields(i.value)[attribute]
	if value.IsNull() || !value.IsKnown() || !value.Type().Is(tftypes.Number) {
		return 0
	}
	_, _ = fmt.Sscan(text(value), &n)
	return n
}
