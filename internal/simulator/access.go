package simulator

import "time"

// act does something at the console, at the present time.
func (p *Platform) act(do func(now time.Time) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.advance(now)
	return do(now)
}

// look reads something at the console.
func inspect[T any](p *Platform, read func() T) T {
	var seen T
	_ = p.act(func(time.Time) error {
		seen = read()
		return nil
	})
	return seen
}

func (p *Platform) actOn(jobID int64, do func(t *task, now time.Time) error) error {
	return p.act(func(now time.Time) error {
		t := p.tasks[jobID]
		if t == nil {
			return missingTask(jobID)
		}
		return do(t, now)
	})
}

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

func (p *Platform) actOnProduct(productID int64, do func(*product)) error {
	return p.act(func(time.Time) error {
		owner, err := p.product(productID)
		if err == nil {
			do(owner)
		}
		return err
	})
}
