package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/ctwing/terraform-provider-aep/internal/cmd/demo/page"
)

// sampleInterval is the pause between two samples.
const sampleInterval = 200 * time.Millisecond

// recorder reads the progress of all tasks again and again, with a client of its
// own.
type recorder struct {
	client *aep.Client
	screen *screen
	began  time.Time
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // valid once ended is closed

	mu     sync.Mutex
	tracks map[int64]*track
}

// track is the progress of one task.
type track struct {
	task    aep.Task
	samples []page.Sample
}

// startRecorder samples until stop is called.
func startRecorder(ctx context.Context, client *aep.Client, screen *screen) *recorder {
	ctx, cancel := context.WithCancel(ctx)
	r := &recorder{
		client: client, screen: screen, began: time.Now(), cancel: cancel, ended: make(chan struct{}), tracks: map[int64]*track{},
	}
	go func() {
		defer close(r.ended)
		r.err = r.run(ctx)
	}()
	return r
}

func (r *recorder) run(ctx context.Context) error {
	for {
		if err := r.sample(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("reading the progress: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(sampleInterval):
		}
	}
}

// stop ends the sampling. It returns the error that ended it before.
func (r *recorder) stop() error {
	r.cancel()
	<-r.ended
	return r.err
}

// end ends the sampling with a last sample of each task.
func (r *recorder) end(ctx context.Context) error {
	if err := r.stop(); err != nil {
		return err
	}
	return r.sample(ctx)
}

// now returns the time since the start.
func (r *recorder) now() time.Duration { return time.Since(r.began) }

// wait waits until this number of devices of a task have succeeded.
func (r *recorder) wait(ctx context.Context, taskName string, devices int) error {
	for {
		if r.succeeded(taskName) >= devices {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %d devices of %q have succeeded: %w", devices, taskName, ctx.Err())
		case <-r.ended:
			return fmt.Errorf("the samples have ended: %w", r.err)
		case <-time.After(sampleInterval / 4):
		}
	}
}

// succeeded returns the number of devices of a task that have succeeded.
func (r *recorder) succeeded(taskName string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tracks {
		if t.task.Name == taskName {
			return t.samples[len(t.samples)-1].Counts[page.Succeeded]
		}
	}
	return 0
}

// sample reads the tasks, and the counts of each task that is not finished yet.
func (r *recorder) sample(ctx context.Context) error {
	list, err := r.client.Tasks(ctx, aep.TaskQuery{ProductID: productID}, 0)
	if err != nil {
		return err
	}
	line := ""
	for _, task := range list.Rows {
		if r.finished(task.ID) {
			continue
		}
		counts, err := r.counts(ctx, task.Key())
		if err != nil {
			return err
		}
		line = fmt.Sprintf("   %s: %s", task.Name, inWords(counts))
		r.add(task, page.Sample{At: r.now(), Counts: counts})
	}
	r.screen.progress(line)
	return nil
}

// finished reports whether the last sample of a task is final.
func (r *recorder) finished(id int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tracks[id]
	return t != nil && t.task.Status == aep.TaskFinished
}

func (r *recorder) add(task aep.Task, s page.Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tracks[task.ID]
	if t == nil {
		t = &track{}
		r.tracks[task.ID] = t
	}
	t.task, t.samples = task, append(t.samples, s)
}

// samples returns the samples of a task.
func (r *recorder) samples(id int64) []page.Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tracks[id]; t != nil {
		return t.samples
	}
	return nil
}

// counts reads the number of devices in each phase. The platform counts one state
// at a time, and a device may change its state between two counts. So the devices
// in progress are all devices less those of the other phases.
func (r *recorder) counts(ctx context.Context, key aep.TaskKey) (counts page.Counts, err error) {
	all, err := r.client.CountSubtasks(ctx, key, nil)
	if err != nil {
		return counts, err
	}
	rest := int(all.Total)
	for _, code := range progress.Codes(aep.LwM2M, progress.Table2019) {
		phase := phaseOf(code)
		if phase == page.InProgress {
			continue
		}
		n, err := r.client.CountSubtasks(ctx, key, &code)
		if err != nil {
			return counts, err
		}
		counts[phase] += int(n.Total)
		rest -= int(n.Total)
	}
	counts[page.InProgress] = max(0, rest)
	return counts, nil
}

// phaseOf returns the phase of a state code. The simulated platform follows the
// table of 2019.
func phaseOf(code aep.SubtaskCode) page.Phase {
	switch progress.PhaseOf(aep.LwM2M, code, progress.Table2019) {
	case progress.Waiting:
		return page.Waiting
	case progress.Succeeded:
		return page.Succeeded
	case progress.Failed:
		return page.Failed
	case progress.Cancelled:
		return page.Cancelled
	}
	return page.InProgress
}

// inWords returns the counts of a task in one line.
func inWords(c page.Counts) string {
	var parts []string
	for _, p := range []page.Phase{page.Waiting, page.InProgress, page.Succeeded, page.Failed, page.Cancelled} {
		if c[p] > 0 {
			parts = append(parts, progress.Grouped(c[p])+" "+p.String())
		}
	}
	return strings.Join(parts, ", ")
}
