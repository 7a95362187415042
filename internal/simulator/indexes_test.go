package simulator

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestIndexesMatchTheSubtasks acts at random and compares every index with
// the subtasks after each act.
func TestIndexesMatchTheSubtasks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			p := New(Options{
				Products: DefaultProducts(20),
				Upgrade: Upgrade{
					Table: CodeTable(seed % 2), WaitingTime: time.Minute, UpgradeTime: 3 * time.Minute, Spread: time.Minute,
					Fail: FailPercent(30, "8"), CancelDelay: 2 * time.Minute,
					AutoRetry: seed%2 == 1, AutoRetryPause: time.Minute,
					CancelFails: func(id string) bool { return hashOf(id)%3 == 0 },
				},
				Quirks: Quirks{
					CancelledLeaveJoined: seed%3 == 0, FinishedLeaveJoined: seed%5 == 0, BadID: BadIDSkipped,
					DeleteRunning: DeleteRunning(seed % 3), TLinkCancelShowsFailed: seed%2 == 0,
					AcceptSecondJoin: seed%7 < 2, RejoinMakesSubtask: seed%4 < 2,
					JoinLag: time.Duration(seed%2) * time.Minute,
				},
			})
			defer p.Close()
			for range 300 {
				actAtRandom(p, random)
				checkIndexes(t, p)
			}
			if got := p.TasksEverCreated(); got < 3 {
				t.Errorf("got %d tasks, want at least 3 in a random run", got)
			}
		})
	}
}

// actAtRandom does one random act at the console.
func actAtRandom(p *Platform, random *rand.Rand) {
	product, firmware := LwM2MProduct, LwM2MFirmware
	if random.IntN(2) == 0 {
		product, firmware = TLinkProduct, TLinkFirmware
	}
	ids := p.DeviceIDs(product)
	some := []string{ids[random.IntN(20)], ids[random.IntN(20)], ids[random.IntN(20)]}
	tasks := p.Tasks(product)
	if len(tasks) == 0 || random.IntN(20) == 0 {
		_, _ = p.CreateTask(TaskDraft{ProductID: product, FirmwareID: firmware, Name: "n", RetryTimes: 2})
		return
	}
	// The platform refuses some of these acts, which is a valid outcome.
	job := tasks[random.IntN(len(tasks))].ID
	switch random.IntN(9) {
	case 0, 1, 2:
		_ = p.Join(job, some...)
	case 3:
		_ = p.Cancel(job, some...)
	case 4:
		_ = p.Retry(job, some...)
	case 5:
		_ = p.Start(job)
	case 6:
		_ = p.SetDeviceGroup(product, []string{"", "a", "b"}[random.IntN(3)], some...)
	case 7:
		time.Sleep(time.Duration(random.IntN(240)) * time.Second)
	case 8:
		if random.IntN(5) == 0 {
			_ = p.DeleteTask(job)
		}
	}
}

// checkIndexes compares every index with the subtasks and devices.
func checkIndexes(t *testing.T, p *Platform) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance(time.Now())
	for _, task := range p.tasks {
		checkTask(t, task)
	}
	for _, owner := range p.products {
		for _, d := range owner.devices {
			wantEqual(t, "device "+d.id+" is free", owner.free.has(d.serial-1), d.current == nil)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func checkTask(t *testing.T, task *task) {
	t.Helper()
	open, inStates := 0, 0
	for _, s := range task.rows {
		checkSubtask(t, task, s)
		if !s.final() {
			open++
		}
	}
	for _, set := range task.states {
		inStates += set.count
	}
	name := fmt.Sprintf("task %d of product %d: ", task.id, task.product.id)
	wantEqual(t, name+"open subtasks", task.open, open)
	wantEqual(t, name+"subtasks in a state", inStates, task.listed.count)
	hidden := task.listed.count - task.visible(&task.listed, time.Now()).count
	if hidden < 0 || hidden > 0 && len(task.hidden) == 0 {
		t.Errorf("%s%d rows are hidden by %d joins", name, hidden, len(task.hidden))
	}
	if task.status == Running && open == 0 {
		t.Errorf("%sit runs without devices", name)
	}
}

func checkSubtask(t *testing.T, task *task, s *subtask) {
	t.Helper()
	d, name := s.device, fmt.Sprintf("subtask %d of task %d: ", s.id, task.id)
	listed := task.listed.has(s.row)
	if !task.hasSubtask(s) {
		wantEqual(t, name+"a replaced subtask is final", s.final(), true)
		wantEqual(t, name+"a replaced subtask is in a list", listed || task.joined.has(s.row), false)
		return
	}
	wantEqual(t, name+"its task has the device", d.current != nil && d.current.task == task, task.active(d) != nil)
	wantEqual(t, name+"it has the device and is final", d.current == s && s.final(), false)
	wantEqual(t, name+"it is listed", listed, s.code != noState)
	wantEqual(t, name+"it is in the index of its state", task.state(s.code).has(s.row), s.code != noState)
	if d.group != "" {
		wantEqual(t, name+"it is in the index of its group", task.group(d.group).has(s.row), true)
	}
}

func TestConsoleAndRequestsAtTheSameTime(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{Upgrade: Upgrade{UpgradeTime: time.Second}}, func(t *testing.T, p *Platform, c *caller) {
		var workers sync.WaitGroup
		for worker := range 8 {
			workers.Go(func() {
				random := rand.New(rand.NewPCG(uint64(worker), 2))
				for range 30 {
					actAtRandom(p, random)
					if _, err := c.try(OpTasks, map[string]string{"productId": "10005977"}, ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		checkIndexes(t, p)
		wantEqual(t, "requests", p.Count(OpTasks), 240)
	})
}
