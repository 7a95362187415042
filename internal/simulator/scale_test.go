package simulator

import (
	"io"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// TestScale compares the allocated bytes of a call with 1,000 and with 100,000
// devices. They must be almost equal.
func TestScale(t *testing.T) {
	cost := func(n int) map[string]uint64 {
		costs := map[string]uint64{}
		p, job := largeTask(t, n)
		defer p.Close()
		calls := map[string]map[string]string{
			"count":      ofTask(LwM2MProduct, job, "taskStatus", "2", "pageSize", "1"),
			"last page":  ofTask(LwM2MProduct, job, "pageSize", "100", "pageNow", strconv.Itoa(n/100)),
			"exact":      ofTask(LwM2MProduct, job, "searchValue", p.DeviceIDs(LwM2MProduct)[n-1]),
			"candidates": ofTask(LwM2MProduct, job, "isSelectDevice", "2", "pageSize", "1"),
		}
		for name, params := range calls {
			op := OpSubtasks
			if name == "candidates" {
				op = OpDevices
			}
			serve := func() {
				x := &call{now: time.Now(), query: values(params)}
				e := endpointOf(op)
				if _, err := e.serve(p, x); err != nil {
					t.Fatal(err)
				}
			}
			serve()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			serve()
			runtime.ReadMemStats(&after)
			costs[name] = after.TotalAlloc - before.TotalAlloc
		}
		return costs
	}
	small, large := cost(1000), cost(100_000)
	const slack = 64 << 10
	for name, bytes := range large {
		if bytes > small[name]+slack {
			t.Errorf("%s: got %d bytes for 100,000 devices, want at most %d more than %d, as for 1,000", name, bytes, slack, small[name])
		}
	}
}

func TestAgendaSharesTimes(t *testing.T) {
	t.Parallel()
	p, _ := largeTask(t, 10_000)
	defer p.Close()
	wantEqual(t, "times on the agenda for devices with equal steps", len(p.agenda.times), 1)
}

// largeTask starts a task with n devices, which stay in state 2.
func largeTask(tb testing.TB, n int) (p *Platform, job int64) {
	tb.Helper()
	p = New(Options{
		Products: DefaultProducts(n),
		Upgrade:  Upgrade{UpgradeTime: 1000 * time.Hour},
	})
	job, err := p.CreateTask(TaskDraft{ProductID: LwM2MProduct, FirmwareID: LwM2MFirmware, Name: "n"})
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.Join(job, p.DeviceIDs(LwM2MProduct)...); err != nil {
		tb.Fatal(err)
	}
	if err := p.Start(job); err != nil {
		tb.Fatal(err)
	}
	return p, job
}

func endpointOf(operation string) *endpoint {
	for i := range upgradeEndpoints {
		if upgradeEndpoints[i].operation == operation {
			return &upgradeEndpoints[i]
		}
	}
	return nil
}

func values(params map[string]string) map[string][]string {
	query := map[string][]string{}
	for name, value := range params {
		query[name] = []string{value}
	}
	return query
}

func BenchmarkSeed100000(b *testing.B) {
	for b.Loop() {
		New(Options{Products: DefaultProducts(100_000)[:1]}).Close()
	}
}

func BenchmarkJoin(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				p, _ := largeTask(b, n)
				p.Close()
			}
		})
	}
}

func BenchmarkFinish100000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p, job := largeTask(b, 100_000)
		b.StartTimer()
		p.mu.Lock()
		p.advance(time.Now().Add(2000 * time.Hour))
		p.mu.Unlock()
		if task, _ := p.Task(job); task.Status != Finished {
			b.Fatal("not finished")
		}
		p.Close()
	}
}

func BenchmarkPage(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		p, job := largeTask(b, n)
		c := &caller{t: &testing.T{}, http: p.Transport(), secret: DefaultAppSecret}
		for name, params := range map[string]map[string]string{
			"1000 rows": ofTask(LwM2MProduct, job, "pageSize", "1000", "pageNow", strconv.Itoa(n/2000)),
			"count":     ofTask(LwM2MProduct, job, "pageSize", "1", "taskStatus", "2"),
			"exact":     ofTask(LwM2MProduct, job, "searchValue", p.DeviceIDs(LwM2MProduct)[n/2]),
		} {
			b.Run(name+" of "+strconv.Itoa(n), func(b *testing.B) {
				for b.Loop() {
					response, err := c.http.RoundTrip(c.request(OpSubtasks, params, ""))
					if err != nil || response.StatusCode != http.StatusOK {
						b.Fatal(err)
					}
					size, _ := io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
					b.SetBytes(size)
				}
			})
		}
		p.Close()
	}
}
