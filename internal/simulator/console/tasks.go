package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

var statusNames = map[simulator.Status]string{
	simulator.Pending: "pending", simulator.Running: "running", simulator.Finished: "finished",
}

// operator is the name that the console leaves in createBy and updateBy.
const operator = "console"

const (
	maxRetries      = 3
	maxTimeoutHours = 168
)

// tasks serves all tasks in the order of their ids.
func (p *platform) tasks(*http.Request) (any, error) {
	all := []Task{}
	for _, product := range p.Products() {
		for _, task := range p.Tasks(product.ID) {
			all = append(all, p.shown(task, product))
		}
	}
	slices.SortFunc(all, func(a, b Task) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// shown returns a task as the console shows it.
func (p *platform) shown(task simulator.Task, product simulator.Product) Task {
	t := Task{
		ID: task.ID, ProductID: task.ProductID, Product: product.Name, Protocol: ProtocolName(product.Protocol),
		FirmwareID: task.FirmwareID, Version: task.FirmwareVersion, Name: task.Name, Description: task.Description,
		Status: statusNames[task.Status], Phases: map[string]int{},
	}
	if product.Protocol == simulator.ProtocolTLink {
		t.TimeoutHours = &task.TimeoutHours
	} else {
		t.RetryTimes = &task.RetryTimes
	}
	for phase, count := range p.PhaseCounts(task.ID) {
		t.Phases[string(phase)] = count
		t.Devices += count
	}
	return t
}

// taskOf returns the task that a path names by its id, and its product.
func (p *platform) taskOf(r *http.Request) (task simulator.Task, product simulator.Product, err error) {
	id, err := strconv.ParseInt(r.PathValue("task"), 10, 64)
	if err != nil {
		return task, product, invalid("%q is not the id of a task", r.PathValue("task"))
	}
	task, found := p.Task(id)
	if !found {
		return task, product, missing("task %d does not exist", id)
	}
	product, err = p.product(task.ProductID)
	return task, product, err
}

func (p *platform) product(id int64) (simulator.Product, error) {
	all := p.Products()
	at := slices.IndexFunc(all, func(product simulator.Product) bool { return product.ID == id })
	if at < 0 {
		return simulator.Product{}, missing("product %d does not exist", id)
	}
	return all[at], nil
}

// titled returns a task as the messages name it.
func titled(task simulator.Task) string {
	return fmt.Sprintf("task %d of product %d", task.ID, task.ProductID)
}

// now returns a task after a change.
func (p *platform) now(id int64, product simulator.Product) (any, error) {
	task, found := p.Task(id)
	if !found {
		return nil, missing("task %d does not exist any more", id)
	}
	return p.shown(task, product), nil
}

// createTask creates a task, and joins its first devices.
func (p *platform) createTask(r *http.Request) (any, error) {
	wanted, err := read[NewTask](r)
	if err != nil {
		return nil, err
	}
	product, err := p.product(wanted.ProductID)
	if err != nil {
		return nil, err
	}
	if err := checkSettings(product, &wanted.Name, wanted.RetryTimes, wanted.TimeoutHours); err != nil {
		return nil, err
	}
	ids := p.FreeDevices(product.ID, max(wanted.Devices, 0))
	if wanted.Devices < 0 || len(ids) < wanted.Devices {
		return nil, invalid("product %d has %d free devices, not %d", product.ID, len(p.FreeDevices(product.ID, -1)), wanted.Devices)
	}
	draft := simulator.TaskDraft{
		ProductID: wanted.ProductID, FirmwareID: wanted.FirmwareID, Name: wanted.Name, Description: wanted.Description, CreateBy: operator,
	}
	set(&draft.RetryTimes, wanted.RetryTimes)
	set(&draft.TimeoutHours, wanted.TimeoutHours)
	id, err := p.CreateTask(draft)
	if err != nil {
		return nil, fmt.Errorf("creating a task of product %d: %w", product.ID, err)
	}
	if len(ids) > 0 {
		if err := p.Join(id, ids...); err != nil {
			err = errors.Join(err, p.DeleteTask(id))
			return nil, fmt.Errorf("no task was created, because joining %d devices to it failed: %w", len(ids), err)
		}
	}
	return p.now(id, product)
}

// checkSettings returns an error if a task of a product can't have these
// values. Nil values are absent.
func checkSettings(product simulator.Product, name *string, retryTimes, timeoutHours *int) error {
	tLink := product.Protocol == simulator.ProtocolTLink
	switch {
	case name != nil && *name == "":
		return invalid("a task needs a name")
	case retryTimes != nil && tLink:
		return invalid("product %d uses T-Link, which has hours until the timeout and no retry times", product.ID)
	case timeoutHours != nil && !tLink:
		return invalid("product %d uses LwM2M, which has retry times and no hours until the timeout", product.ID)
	case retryTimes != nil && (*retryTimes < 0 || *retryTimes > maxRetries):
		return invalid("the retry times are 0 to %d, not %d", maxRetries, *retryTimes)
	case timeoutHours != nil && (*timeoutHours < 1 || *timeoutHours > maxTimeoutHours):
		return invalid("the hours until the timeout are 1 to %d, not %d", maxTimeoutHours, *timeoutHours)
	}
	return nil
}

// modifyTask changes the settings of a task in any state.
func (p *platform) modifyTask(r *http.Request) (any, error) {
	task, product, err := p.taskOf(r)
	if err != nil {
		return nil, err
	}
	change, err := read[TaskChange](r)
	if err != nil {
		return nil, err
	}
	if err := checkSettings(product, change.Name, change.RetryTimes, change.TimeoutHours); err != nil {
		return nil, err
	}
	err = p.ModifyTask(task.ID, func(t *simulator.Task) {
		set(&t.Name, change.Name)
		set(&t.Description, change.Description)
		set(&t.RetryTimes, change.RetryTimes)
		set(&t.TimeoutHours, change.TimeoutHours)
		t.UpdateBy = operator
	})
	if err != nil {
		return nil, fmt.Errorf("modifying %s: %w", titled(task), err)
	}
	return p.now(task.ID, product)
}

// deleteTask deletes a task in any state, and returns its last state.
func (p *platform) deleteTask(r *http.Request) (any, error) {
	task, product, err := p.taskOf(r)
	if err != nil {
		return nil, err
	}
	last := p.shown(task, product)
	if err := p.DeleteTask(task.ID); err != nil {
		return nil, fmt.Errorf("deleting %s: %w", titled(task), err)
	}
	return last, nil
}

// controlTask starts or finishes a task.
func (p *platform) controlTask(r *http.Request) (any, error) {
	control, doing := p.Start, "starting"
	switch action := r.PathValue("action"); action {
	case "start":
	case "finish":
		control, doing = p.Finish, "finishing"
	default:
		return nil, missing("a task has start and finish, not %q", action)
	}
	task, product, err := p.taskOf(r)
	if err != nil {
		return nil, err
	}
	if err := control(task.ID); err != nil {
		return nil, fmt.Errorf("%s %s: %w", doing, titled(task), err)
	}
	return p.now(task.ID, product)
}
