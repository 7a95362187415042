package simulator

import "time"

// act performs the due steps, calls do with the present time, and returns its
// error. It holds the platform's lock.
func (p *Platform) act(do func(now time.Time) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.advance(now)
	return do(now)
}

// inspect returns what read sees of the platform at the present time.
func inspect[T any](p *Platform, read func() T) T {
	var seen T
	_ = p.act(func(time.Time) error {
		seen = read()
		return nil
	})
	return seen
}

// actOn calls do with one task. It returns a refusal if there is no such
// task.
func (p *Platform) actOn(jobID int64, do func(t *task, now time.Time) error) error {
	return p.act(func(now time.Time) error {
		t := p.tasks[jobID]
		if t == nil {
			return missingTask(jobID)
		}
		return do(t, now)
	})
}

// actOnSubtask calls do with the newest subtask of a device in a task.
func (p *Platform) actOnSubtask(jobID int64, deviceID string, do func(*subtask, time.Time)) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		s := t.byDevice[t.product.byID[deviceID]]
		if s == nil {
			return refuse(CodeSubtask, "设备未加入任务: %s", deviceID)
		}
		do(s, now)
		return nil
	})
}

// actOnProduct calls do with one product.
func (p *Platform) actOnProduct(productID int64, do func(*product)) error {
	return p.act(func(time.Time) error {
		owner, err := p.product(productID)
		if err == nil {
			do(owner)
		}
		return err
	})
}
