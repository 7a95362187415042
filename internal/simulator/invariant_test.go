package simulator

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestIndexesStayInStep does what it likes for a while and then compares
// every index with the plain facts.
func TestIndexesStayInStep(t *testing.T) {
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
			if p.TasksEverCreated() < 3 {
				t.Error("too little happened")
			}
		})
	}
}

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
	// Most of what follows is refused at times, which is as good.
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

func checkIndexes(t *testing.T, p *Platform) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance(time.Now())
	for _, task := range p.tasks {
		open, inStates := 0, 0
		for _, set := range task.states {
			inStates += set.count
		}
		for _, s := range task.rows {
			d := s.device
			if !task.hasSubtask(s) {
				if !s.final() || task.listed.has(s.row) || task.joined.has(s.row) {
					t.Fatalf("device %s: subtask %d was replaced and is still there", d.id, s.id)
				}
				continue
			}
			if !s.final() {
				open++
			}
			if occupied := task.active(d) != nil; occupied != (d.current != nil && d.current.task == task) ||
				d.current == s && s.final() {
				t.Fatalf("device %s: occupied %v, current %v", d.id, occupied, d.current)
			}
			if hidden := s.code == noState; task.listed.has(s.row) == hidden || task.state(s.code).has(s.row) == hidden && !hidden {
				t.Fatalf("device %s in state %d: listed %v", d.id, s.code, task.listed.has(s.row))
			}
			if d.group != "" && !task.group(d.group).has(s.row) {
				t.Fatalf("device %s is not in its group", d.id)
			}
		}
		if hidden := task.listed.count - task.visible(&task.listed, time.Now()).count; hidden < 0 || hidden > 0 && len(task.hidden) == 0 {
			t.Fatalf("task %d: %d rows hidden, %d hidden", task.id, hidden, len(task.hidden))
		}
		if task.open != open || inStates != task.listed.count {
			t.Fatalf("task %d: open %d, want %d; %d in states, %d listed", task.id, task.open, open, inStates, task.listed.count)
		}
		if task.status == Running && open == 0 {
			t.Fatalf("task %d runs without devices", task.id)
		}
	}
	for _, owner := range p.products {
		for _, d := range owner.devices {
			if owner.free.has(d.serial-1) != (d.current == nil) {
				t.Fatalf("device %s: free %v", d.id, owner.free.has(d.serial-1))
			}
		}
	}
}

func TestBackDoorsAndRequestsSideBySide(t *testing.T) {
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
		if got := p.Count(OpTasks); got != 240 {
			t.Errorf("%d requests", got)
		}
	})
}
