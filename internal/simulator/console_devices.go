package simulator

import (
	"cmp"
	"time"
)

// Fail makes the unfinished upgrades of devices fail now. An empty resultCode
// means 8. It refuses the batch if one of the devices has no unfinished
// upgrade in the task.
func (p *Platform) Fail(jobID int64, resultCode string, deviceIDs ...string) error {
	return p.actOn(jobID, func(t *task, now time.Time) error {
		if t.status != Running {
			return refuse(CodeTaskState, "任务未在升级中")
		}
		failing := make([]*subtask, 0, len(deviceIDs))
		for _, id := range deviceIDs {
			s := t.active(t.product.byID[id])
			if s == nil {
				return refuse(CodeDevice, "设备不在该任务的升级中: %s", id)
			}
			failing = append(failing, s)
		}
		for _, s := range failing {
			if s.final() {
				continue // The device is in the list twice.
			}
			s.countUpgrade()
			s.generation++
			s.result = cmp.Or(resultCode, failureResult)
			p.fail(s, now)
		}
		return nil
	})
}

// FreeDevices returns the ids of the first devices of a product that no
// unfinished subtask has, in the order of seeding. It returns at most n ids,
// or all if n is negative.
func (p *Platform) FreeDevices(productID int64, n int) []string {
	var ids []string
	_ = p.actOnProduct(productID, func(owner *product) {
		if n < 0 {
			n = owner.free.count
		}
		for _, i := range owner.free.page(0, n) {
			ids = append(ids, owner.devices[i].id)
		}
	})
	return ids
}

// PhaseCounts returns the number of devices of a task by phase.
func (p *Platform) PhaseCounts(jobID int64) map[Phase]int {
	counts := map[Phase]int{}
	_ = p.actOn(jobID, func(t *task, _ time.Time) error {
		for _, s := range t.byDevice {
			counts[s.phase()]++
		}
		return nil
	})
	return counts
}

// Within makes an upgrade take total from the start of its task. A fifth of
// that is the waiting time.
func (u *Upgrade) Within(total time.Duration) {
	u.WaitingTime = total / 5
	u.UpgradeTime = total - u.WaitingTime
}

// SetUpgradeTime makes upgrades take total, as Within does. The remaining time
// of present upgrades changes in the same proportion.
func (p *Platform) SetUpgradeTime(total time.Duration) {
	_ = p.act(func(now time.Time) error {
		u := &p.options.Upgrade
		before := u.WaitingTime + u.UpgradeTime
		u.Within(total)
		if before > 0 {
			p.agenda.stretch(now.UnixNano(), float64(total)/float64(before))
		}
		return nil
	})
}
