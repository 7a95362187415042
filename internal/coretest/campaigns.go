package coretest

import (
	"context"
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Campaigns is a workspace with two tasks, a set for each, and a rollout of the first.
type Campaigns struct {
	*Workspace
	product int64
	Like    *Core // has the schemas of the provider
	Adopt   bool  // adopt_existing of the tasks
	Tasks   [2]*Instance
	Sets    [2]*Instance
	rollout *Instance
	Disarm  []func()         // end the faults that the first run may not have met
	written *CampaignsConfig // the configuration, once there is one
}

// CampaignsConfig is the configuration of Campaigns.
type CampaignsConfig struct {
	Names        [2]string
	Descriptions [2]string
	Devices      [2][]string // none: no set
	Start        bool        // the first task
}

// NewCampaigns returns a workspace for a platform, with an empty state. It takes the schemas
// from like, or reads them if like is nil.
func NewCampaigns(t testing.TB, p *simulator.Platform, product int64, like *Core) *Campaigns {
	t.Helper()
	e := &Campaigns{Workspace: NewWorkspace(t, p, like), product: product, Like: like}
	if like == nil {
		e.Like = e.Core
	}
	for n := range e.Tasks {
		e.Tasks[n], e.Sets[n] = e.At(taskAt(n)).Instance, e.At(setAt(n)).Instance
	}
	e.rollout = e.At(rolloutAt).Instance
	return e
}

const rolloutAt = "aep_upgrade_rollout.start"

func taskAt(n int) string { return fmt.Sprintf("aep_upgrade_task.t%d", n) }

func setAt(n int) string { return fmt.Sprintf("aep_upgrade_devices.s%d", n) }

// Instances returns all instances that the state may hold.
func (e *Campaigns) Instances() []*Instance {
	return append(append(e.Tasks[:], e.Sets[:]...), e.rollout)
}

// blocks returns the resources of a configuration.
func (e *Campaigns) blocks(w CampaignsConfig) (all []*Block) {
	for n := range e.Tasks {
		all = append(all, &Block{Address: taskAt(n), Config: func(Lookup) Config { return e.TaskConfig(w, n) }})
		if len(w.Devices[n]) > 0 {
			all = append(all, &Block{Address: setAt(n), Needs: []string{taskAt(n)}, Config: func(of Lookup) Config {
				return Config{
					"product_id": e.product, "task_id": of(taskAt(n), "task_id"), "device_ids": w.Devices[n], "batch_size": 3,
					"force_destroy": true,
				}
			}})
		}
	}
	if w.Start {
		all = append(all, &Block{Address: rolloutAt, Needs: []string{taskAt(0), setAt(0)}, Config: func(of Lookup) Config {
			return Config{
				"product_id": e.product, "task_id": of(taskAt(0), "task_id"),
				"expected_device_count": len(w.Devices[0]), "wait_for": "started",
			}
		}})
	}
	return all
}

// TaskConfig returns the configuration of a task.
func (e *Campaigns) TaskConfig(w CampaignsConfig, n int) Config {
	config := Config{
		"product_id": e.product, "firmware_id": LwM2MFirmware, "name": w.Names[n], "retry_times": 1,
		"adopt_existing": e.Adopt, "force_destroy": true,
	}
	if e.product == TLinkProduct {
		delete(config, "retry_times")
		config["firmware_id"], config["timeout_hours"] = TLinkFirmware, 24
	}
	if w.Descriptions[n] != "" {
		config["description"] = w.Descriptions[n]
	}
	return config
}

// Pending refreshes and plans. It returns the planned changes.
func (e *Campaigns) Pending(ctx context.Context, w CampaignsConfig) (todo []string, diags Diagnostics) {
	e.T.Helper()
	made := e.prepare(ctx, w)
	for _, s := range made.Open() {
		todo = append(todo, s.Difference())
	}
	return todo, made.Diags
}

// prepare carries out the plan of a run. No configuration of these tests replaces
// anything but a tainted object.
func (e *Campaigns) prepare(ctx context.Context, w CampaignsConfig) *Plan {
	e.T.Helper()
	made := e.Workspace.Plan(ctx, e.blocks(w), Options{})
	for _, s := range made.steps {
		if s.Change.Action.Replaces() && !s.Object.Tainted {
			e.T.Errorf("the plan replaces %s %s, which is not tainted", s.Address, s.Object.Get("id"))
		}
	}
	return made
}

// Apply carries out terraform apply.
func (e *Campaigns) Apply(ctx context.Context, w CampaignsConfig) Diagnostics {
	e.T.Helper()
	e.written = &w
	return e.Workspace.ApplyPlanned(ctx, e.prepare(ctx, w))
}

// Destroy carries out terraform destroy, with the configuration that was applied last.
func (e *Campaigns) Destroy(ctx context.Context) Diagnostics {
	e.T.Helper()
	var blocks []*Block
	if e.written != nil {
		blocks = e.blocks(*e.written)
	}
	return e.Workspace.Destroy(ctx, blocks, Options{})
}
