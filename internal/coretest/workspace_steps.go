package coretest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Options are the options of terraform plan and apply.
type Options struct {
	NoRefresh      bool
	MinimalRefresh bool              // -minimal-refresh: an object without a planned change is not read
	Replace        []string          // addresses
	Target         []string          // addresses; none: everything
	Moved          map[string]string // moved blocks, from and to
}

// Plan is the plan of a whole configuration.
type Plan struct {
	blocks  map[string]*Block
	prior   State // refreshed
	steps   []*Step
	Options Options
	Diags   Diagnostics
	Serial  State // from which the plan was made
}

// Step is the plan for one object.
type Step struct {
	Address string
	Object  *Instance // in the prior state
	deposed bool
	block   *Block // nil: not in the configuration
	config  Config
	Change  Change
	asked   bool // planned before the refresh
	read    bool
	done    bool
	failed  bool
}

// ready reports whether a step may be taken: a block is refreshed once the blocks that
// it refers to are planned.
func (made *Plan) ready(s *Step) bool {
	return s.deposed || s.block == nil || !slices.ContainsFunc(made.steps, func(other *Step) bool {
		return !other.done && !other.deposed && slices.Contains(s.block.Needs, other.Address)
	})
}

// Step returns the step for the current object of an address, nil if there is none.
func (made *Plan) Step(address string) *Step {
	for _, s := range made.steps {
		if s.Address == address && !s.deposed {
			return s
		}
	}
	return nil
}

// lookup returns a planned value, which may be unknown.
func (made *Plan) lookup(address, attribute string) any {
	if s := made.Step(address); s != nil && s.Change.Planned.Type() != nil {
		return Fields(s.Change.Planned)[attribute]
	}
	return made.prior.Lookup(address, attribute)
}

// Open returns the steps that would change something.
func (made *Plan) Open() (all []*Step) {
	for _, s := range made.steps {
		if s.Change.Action != NoAction {
			all = append(all, s)
		}
	}
	return all
}

func (made *Plan) String() string {
	var all []string
	for _, s := range made.Open() {
		deposed := ""
		if s.deposed {
			deposed = " (deposed)"
		}
		all = append(all, fmt.Sprintf("%s %s%s", s.Change.Action, s.Address, deposed))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (o Options) String() string {
	var text strings.Builder
	if o.NoRefresh {
		text.WriteString(" -refresh=false")
	}
	if o.MinimalRefresh {
		text.WriteString(" -minimal-refresh")
	}
	for _, one := range o.Replace {
		text.WriteString(" -replace=" + one)
	}
	for _, one := range o.Target {
		text.WriteString(" -target=" + one)
	}
	if len(o.Moved) > 0 {
		fmt.Fprintf(&text, " moved %v", o.Moved)
	}
	return text.String()
}

// Difference returns what a step changes, as text.
func (s *Step) Difference() string {
	if !s.Object.Exists() || s.Change.Planned.IsNull() {
		return fmt.Sprintf("%s: %s", s.Address, s.Change.Action)
	}
	changed, err := s.Object.Value.Diff(s.Change.Planned)
	return fmt.Sprintf("%s %s: %s %v %v", s.Address, s.Object.Get("id"), s.Change.Action, changed, err)
}

// of reports whether the object of a step, before or after it, belongs to a task.
func (s *Step) of(task int64) bool {
	return Number(&s.Change.before, "task_id") == task || Text(Fields(s.Change.Planned)["task_id"]) == Text64(task)
}

// failedWith returns an error of Terraform itself.
func failedWith(summary string) Diagnostics {
	return Diagnostics{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary}}
}
