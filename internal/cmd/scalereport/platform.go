package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// kind is a product of the simulator, and how tasks of it are made.
type kind struct {
	index int // among the default products
	draft simulator.TaskDraft
}

// The devices of the LwM2M product have ids of 32 random hexadecimal digits,
// those of the T-Link product numbers in a row.
var (
	lwm2m = kind{0, simulator.TaskDraft{ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, RetryTimes: 1}}
	tLink = kind{1, simulator.TaskDraft{ProductID: simulator.TLinkProduct, FirmwareID: simulator.TLinkFirmware, TimeoutHours: 1}}
)

// operations are all calls that are counted.
var operations = []string{
	simulator.OpQueryDetail, simulator.OpQueryTask, simulator.OpControl, simulator.OpDevices, simulator.OpDelete,
	simulator.OpTasks, simulator.OpModify, simulator.OpCreate, simulator.OpOperational, simulator.OpSubtasks, simulator.OpEcho,
}

// platform is a simulated platform of one row, on a loopback address.
type platform struct {
	*simulator.Platform
	kind
	masterKey string
	endpoint  string
	ids       []string // of all devices, sorted
}

func newPlatform(k kind, devices int) (*platform, error) {
	products := simulator.DefaultProducts(0)
	products[k.index].DeviceCount = devices
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &platform{
		Platform: simulator.New(simulator.Options{Products: products, JournalLimit: 100, RequireMasterKey: true}),
		kind:     k, masterKey: products[k.index].MasterKey,
		endpoint: "http://" + listener.Addr().String(),
	}
	p.ids = slices.Sorted(slices.Values(p.DeviceIDs(p.product())))
	go func() { _ = p.Serve(listener) }()
	return p, nil
}

func (p *platform) product() int64 { return p.draft.ProductID }

// task makes a task at the console.
func (p *platform) task(name string) (int64, error) {
	draft := p.draft
	draft.Name = name
	return p.CreateTask(draft)
}

func (p *platform) slow(latency time.Duration) {
	p.Configure(func(o *simulator.Options) { o.Latency = latency })
}

func (p *platform) calls() int {
	n := 0
	for _, operation := range operations {
		n += p.Count(operation)
	}
	return n
}

// environment tells the provider how to reach the platform.
func (p *platform) environment(s settings) map[string]string {
	keys, _ := json.Marshal(map[string]string{strconv.FormatInt(p.product(), 10): p.masterKey}) // Texts always encode.
	return map[string]string{
		"AEP_ENDPOINT": p.endpoint, "AEP_APP_KEY": simulator.DefaultAppKey, "AEP_APP_SECRET": simulator.DefaultAppSecret,
		"AEP_MASTER_KEYS": string(keys), "AEP_REQUESTS_PER_SECOND": "0",
		"AEP_MAX_CONCURRENT_REQUESTS": strconv.Itoa(s.concurrency), "AEP_PAGE_SIZE": strconv.Itoa(s.pageSize),
	}
}

// job is a bare loop's, on a task of this platform.
func (p *platform) job(s settings, task int64) job {
	return job{
		Endpoint: p.endpoint, AppKey: simulator.DefaultAppKey, AppSecret: simulator.DefaultAppSecret, MasterKey: p.masterKey,
		Product: p.product(), Task: task, Concurrency: s.concurrency, PageSize: s.pageSize,
	}
}

const deviceFile = "devices.txt"

func (w *workspace) devices(ids []string) error {
	return os.WriteFile(filepath.Join(w.folder, deviceFile), []byte(strings.Join(ids, "\n")+"\n"), 0o600)
}

// deviceSet is the configuration of a set that is read from the file.
func (f *fleet) deviceSet(arguments string) string {
	return fmt.Sprintf(`resource "aep_upgrade_devices" "fleet" {
  product_id      = %d
  task_id         = %d
  device_ids_file = %q
  batch_size      = %d
  %s
}
`, f.p.product(), f.task, deviceFile, batchSize, arguments)
}
