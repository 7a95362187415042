// Package campaign runs the procedures of a firmware campaign: it creates tasks, attaches and detaches device
// sets, starts, watches, cancels and retries.
//
// It knows the rules of a campaign, but neither HTTP (package aep) nor Terraform (package provider).
package campaign

import (
	"context"
	"sync/atomic"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// MaxListed is how many devices a result or an error names.
const MaxListed = 100

// Options are the settings of a Runner.
type Options struct {
	// Table is the numbering of LwM2M subtask states.
	Table progress.CodeTable
	// MaxDevices is how many devices one run may join, how many it may start and how many it may retry; nil:
	// any number.
	MaxDevices *int64
	// Sets is the register of the device sets of this run; nil: a new one.
	Sets *ownership.Sets
	// Log records a step of a procedure; nil: no log.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// Runner runs procedures through one client. It holds what they share: registers, caches and locks. It is
// safe for concurrent use.
type Runner struct {
	client *aep.Client
	table  progress.CodeTable
	log    func(context.Context, string, map[string]any)
	// Sets and Tasks are the registers of this run's sets and tasks.
	Sets *ownership.Sets
	ownership.Tasks
	budget
	caches
	// noDeviceService is true once the service for devices has refused a call or failed.
	noDeviceService atomic.Bool

	sizes   batchSizes
	creates syncs.Locks[nameKey]     // of product and name
	locks   syncs.Locks[aep.TaskKey] // of the devices of a task, with the modes below
	starts  syncs.Locks[aep.TaskKey] // of the start of a task
}

// nameKey is the key of the lock that keeps two creates of one name apart.
type nameKey struct {
	productID int64
	name      string
}

// The shared modes of the lock of a task. A list that changes during a scan can't be read consistently, so
// readers exclude writers. Sets of one task join concurrently, and then share one reading of the list.
// Cancels hold the lock exclusively.
const (
	reading syncs.Mode = iota + 1
	joining
)

// New returns a Runner over client.
func New(client *aep.Client, options Options) *Runner {
	log := options.Log
	if log == nil {
		log = func(context.Context, string, map[string]any) {}
	}
	table := options.Table
	if table == "" {
		table = progress.TableAuto
	}
	r := &Runner{client: client, table: table, log: log, budget: budget{limit: options.MaxDevices}, Sets: options.Sets}
	if r.Sets == nil {
		r.Sets = new(ownership.Sets)
	}
	r.joinedCounts.Concurrent = true // one call is cheap, and the count must be current
	r.versions.Concurrent = true
	return r
}

// Client returns the client, for single calls.
func (r *Runner) Client() *aep.Client { return r.client }

// Table returns the configured numbering of LwM2M subtask states.
func (r *Runner) Table() progress.CodeTable { return r.table }
