// Package campaign runs the procedures of a firmware campaign that take many
// calls: creating a task without ever making two, attaching and detaching
// device sets, counting progress, cancelling what is not final.
//
// It knows the rules of a campaign, but neither HTTP (package aep) nor
// Terraform (package provider).
package campaign

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/ownership"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// MaxListed is how many devices a result or an error names at the most.
const MaxListed = 100

// Options are the settings of a Runner.
type Options struct {
	// Table says which numbers the platform uses for the states of LwM2M subtasks.
	Table progress.CodeTable
	// MaxDevices is the most devices that one run may join, start or retry, each
	// counted by itself; nil: any number, 0: none.
	MaxDevices *int64
	// Sets is the register of the sets of this run; nil: a new one.
	Sets *ownership.Sets
	// Log is told of the steps of long procedures; it may be nil.
	Log func(ctx context.Context, message string, fields map[string]any)
}

// Runner runs procedures through one client. It holds what they must share:
// which names are being created, which tasks this process has made, and lists
// that several readers want at once. It is safe for concurrent use.
type Runner struct {
	client *aep.Client
	table  progress.CodeTable
	log    func(context.Context, string, map[string]any)
	// Sets and Tasks are the registers of what this run has planned and changed.
	Sets *ownership.Sets
	ownership.Tasks
	budget
	protocols
	caches
	creates syncs.Locks[nameKey]     // of product and name
	locks   syncs.Locks[aep.TaskKey] // of the devices of a task, with the modes below
	starts  syncs.Locks[aep.TaskKey] // of the start of a task
}

// nameKey names the tasks of which only one may be created at a time.
type nameKey struct {
	productID int64
	name      string
}

// The modes of the lock of a task. A list that changes while it is read can't be read
// consistently, so readers exclude writers. Sets of one task join side by side, and
// then share one reading of the list. Cancels take the lock exclusively.
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
	r.joinedCounts.Concurrent = true // one call is cheap, and its answer must be current
	return r
}

// Client returns the client that the procedures use, for single calls.
func (r *Runner) Client() *aep.Client { return r.client }

// Table returns the configured numbering of LwM2M subtask states.
func (r *Runner) Table() progress.CodeTable { return r.table }
