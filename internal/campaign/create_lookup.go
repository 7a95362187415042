package campaign

import (
	"context"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"golang.org/x/text/unicode/norm"
)

const (
	clockSlack   = 2 * time.Minute  // between the platform's clock and its createTime
	lookPatience = 10 * time.Second // for looking after the caller has given up
)

// SameText reports whether the platform may show b where a was written: it may
// trim texts, and compose their characters in another way.
func SameText(a, b string) bool {
	return norm.NFC.String(strings.TrimSpace(a)) == norm.NFC.String(strings.TrimSpace(b))
}

// twins lists the pending tasks of the request's name and firmware. A task whose
// row in the list is broken is read by itself.
func (r *Runner) twins(ctx context.Context, q aep.CreateTaskRequest) ([]aep.Task, error) {
	list, err := r.client.Tasks(ctx, aep.TaskQuery{ProductID: q.ProductID, NameContains: q.Name}, 0)
	if err != nil {
		return nil, err
	}
	var twins []aep.Task
	for _, t := range list.Rows {
		if t.Lacks != "" {
			if t, err = r.client.Task(ctx, t.Key()); err != nil {
				return nil, err
			}
		}
		if SameText(t.Name, q.Name) && t.FirmwareID == q.FirmwareID && t.Status == aep.TaskPending {
			twins = append(twins, t)
		}
	}
	return twins, nil
}

// pendingTwins lists the twins that no resource of this run manages.
func (r *Runner) pendingTwins(ctx context.Context, q aep.CreateTaskRequest) ([]aep.Task, error) {
	all, err := r.twins(ctx, q)
	var free []aep.Task
	for _, t := range all {
		if r.origins.of(t.Key()) == foreign {
			free = append(free, t)
		}
	}
	return free, err
}

// lookPauses are the waits between looks for a task that is not there (yet): a
// request that its caller has given up may still be on its way, and a list may
// lag behind. Only then is it sent again.
var lookPauses = []time.Duration{2 * time.Second, 8 * time.Second, 20 * time.Second}

// lookFor looks for the task that a lost create may have made. It is the only twin
// that was made since the request began and has the settings of the request. If
// there is none, the others are returned: they were not there before the request,
// so they are too much to create beside. The look goes on for a moment when the
// caller gives up: what is found now need not be searched for later.
func (r *Runner) lookFor(ctx context.Context, q aep.CreateTaskRequest, began time.Time) (it *aep.Task, others []aep.Task, err error) {
	look, cancel := outliving(ctx, lookPatience)
	defer cancel()
	for n := 0; ; n++ {
		twins, err := r.pendingTwins(look, q)
		if err != nil {
			return nil, nil, err
		}
		alike, err := r.withSettings(look, q, twins)
		if err != nil {
			return nil, nil, err
		}
		if len(alike) == 1 && !alike[0].CreatedAt.Before(began.Add(-clockSlack)) {
			return &alike[0], nil, nil
		}
		if len(alike) > 0 || n == len(lookPauses) || pause(ctx, lookPauses[n]) != nil {
			return nil, twins, nil
		}
	}
}

// withSettings returns the twins that have all settings of the request. Each is
// read by itself, because a row of the list may lack some.
func (r *Runner) withSettings(ctx context.Context, q aep.CreateTaskRequest, twins []aep.Task) ([]aep.Task, error) {
	var alike []aep.Task
	for _, twin := range twins {
		t, err := r.client.Task(ctx, twin.Key())
		if err != nil {
			return nil, err
		}
		if t.CreatedAt.IsZero() {
			t.CreatedAt = r.client.Now(ctx) // the twin was not there before the request
		}
		if sameSettings(t, q) {
			alike = append(alike, t)
		}
	}
	return alike, nil
}

// sameSettings compares what a modify could change, as far as the task shows it.
func sameSettings(t aep.Task, q aep.CreateTaskRequest) bool {
	return Shows(t, aep.ModifyTaskRequest{
		Name: q.Name, Description: q.Description, RetryTimes: q.RetryTimes, TimeoutHours: q.TimeoutHours,
	})
}

// outliving returns a context that ends a grace after ctx does.
func outliving(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel() }
}
