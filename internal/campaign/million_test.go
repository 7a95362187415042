package campaign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// plant is the least platform that a task can be attached to: it keeps counts,
// not devices, so that what is measured is the client.
type plant struct {
	mu     sync.Mutex
	ids    deviceset.Set
	joined int
}

func (p *plant) RoundTrip(r *http.Request) (*http.Response, error) {
	result := `"SUCCESS"`
	p.mu.Lock()
	joined := p.joined
	if r.Method == http.MethodPost {
		var body struct {
			DeviceInfoList []json.RawMessage `json:"deviceInfoList"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		p.joined += len(body.DeviceInfoList)
	}
	p.mu.Unlock()
	if r.Method == http.MethodGet {
		result = p.page(r, joined)
	}
	text := []byte(`{"code":0,"msg":"ok","result":` + result + `}`)
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(bytes.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}

func (p *plant) page(r *http.Request, joined int) string {
	number, _ := strconv.Atoi(r.URL.Query().Get("pageNow"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	from, to := min((number-1)*size, joined), min(number*size, joined)
	text := fmt.Appendf(nil, `{"total":%d,"list":[`, joined)
	for i := from; i < to; i++ {
		if i > from {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `{"deviceId":%q,"taskId":%d,"taskState":"0"}`, p.ids[i], i+1)
	}
	return string(append(text, "]}"...))
}

// million are as many ids as a set may have.
func million() []string {
	ids := make([]string, deviceset.Max)
	for i := range ids {
		ids[i] = fmt.Sprintf("%032x", uint64(i)*0x9e3779b97f4a7c15)
	}
	return ids
}

// BenchmarkAttachMillion reports the heap that an attach takes at its height,
// the list of ids included.
func BenchmarkAttachMillion(b *testing.B) {
	for b.Loop() {
		set, err := deviceset.New(million())
		if err != nil {
			b.Fatal(err)
		}
		client, err := aep.New(aep.Config{
			AppKey: "k", AppSecret: "s", Transport: &plant{ids: set}, RequestsPerSecond: -1, MaxConcurrentRequests: 8, PageSize: 1000,
		})
		if err != nil {
			b.Fatal(err)
		}
		height, stop := watchHeap()
		got, err := New(client, Options{}).Attach(bg(), AttachRequest{
			Key: aep.TaskKey{ProductID: 1, TaskID: 1}, Protocol: aep.LwM2M, DeviceIDs: set, BatchSize: 1000,
		})
		stop()
		if err != nil || len(got.Attached) != deviceset.Max {
			b.Fatalf("attached %d, %v", len(got.Attached), err)
		}
		b.ReportMetric(float64(*height)/1e6, "MB-heap")
	}
}

func watchHeap() (height *uint64, stop func()) {
	height = new(uint64)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			*height = max(*height, stats.HeapAlloc)
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return height, func() { close(done); <-ended }
}

func BenchmarkAttach100000OverTheSimulator(b *testing.B) {
	const n = 100_000
	for b.Loop() {
		p := simulator.New(simulator.Options{Products: simulator.DefaultProducts(n), JournalLimit: 1})
		r := newRunner(b, p, setting{config: func(c *aep.Config) { c.PageSize = 1000 }})
		id, err := p.CreateTask(simulator.TaskDraft{ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "x"})
		if err != nil {
			b.Fatal(err)
		}
		set, err := deviceset.New(p.DeviceIDs(simulator.LwM2MProduct))
		if err != nil {
			b.Fatal(err)
		}
		got, err := r.Attach(bg(), AttachRequest{
			Key: aep.TaskKey{ProductID: simulator.LwM2MProduct, TaskID: id}, Protocol: aep.LwM2M, DeviceIDs: set, BatchSize: 1000,
		})
		if err != nil || len(got.Attached) != n {
			b.Fatalf("attached %d, %v", len(got.Attached), err)
		}
		p.Close()
	}
}
