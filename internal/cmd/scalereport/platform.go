package main

import (
	"cmp"
	"context"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// limits are the most ids in a call and rows in a page. A platform refuses more ids.
type limits struct {
	ids, rows int
	tooLarge  simulator.PageTooLarge // what it does with a larger page
}

// wide are the limits of most rows.
var wide = limits{ids: 1000, rows: 1000}

// setup describes a platform.
type setup struct {
	protocol aep.Protocol
	size     int // devices of the product
	most     limits
	latency  time.Duration // of a measured call
}

// platform is a simulated platform with one product and one task.
type platform struct {
	*simulator.Platform
	setup
	firmware int64
	key      aep.TaskKey
	ids      []string // of all devices of the product, sorted
	config   aep.Config
	client   *aep.Client // knows the limits
	calls    atomic.Int64
}

// newPlatform starts a platform. LwM2M devices have ids of 32 random hexadecimal
// digits; T-Link devices have consecutive numbers.
func newPlatform(ctx context.Context, s setup) (*platform, error) {
	products := simulator.DefaultProducts(0)
	product, draft := &products[0], simulator.TaskDraft{Name: "campaign", RetryTimes: 1}
	if s.protocol == aep.TLink {
		product, draft = &products[1], simulator.TaskDraft{Name: "campaign", TimeoutHours: 1}
	}
	product.DeviceCount = s.size
	draft.ProductID, draft.FirmwareID = product.ID, product.Firmware[0].ID
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &platform{
		Platform: simulator.New(simulator.Options{
			Products: products, JournalLimit: 100, RequireMasterKey: true,
			Quirks: simulator.Quirks{MaxOperationalIDs: s.most.ids},
			Paging: simulator.Paging{MaxPageSize: s.most.rows, TooLarge: s.most.tooLarge},
		}),
		setup: s, firmware: draft.FirmwareID,
		config: aep.Config{
			Endpoint: "http://" + listener.Addr().String(), AppKey: simulator.DefaultAppKey, AppSecret: simulator.DefaultAppSecret,
			MasterKey: product.MasterKey, RequestsPerSecond: -1, PageSize: s.most.rows,
		},
	}
	p.BeforeRequest(func(simulator.Request) { p.calls.Add(1) })
	go func() { _ = p.Serve(listener) }()
	p.ids = slices.Sorted(slices.Values(p.DeviceIDs(product.ID)))
	task, taskErr := p.CreateTask(draft)
	p.key = aep.TaskKey{ProductID: product.ID, TaskID: task}
	p.client, err = aep.New(p.config)
	return p, cmp.Or(taskErr, err)
}

// environment returns the provider's settings for this platform. The provider has to learn the limits.
func (p *platform) environment() map[string]string {
	return map[string]string{
		"AEP_ENDPOINT": p.config.Endpoint, "AEP_APP_KEY": p.config.AppKey, "AEP_APP_SECRET": p.config.AppSecret,
		"AEP_MASTER_KEY": p.config.MasterKey, "AEP_REQUESTS_PER_SECOND": "0",
	}
}

func (p *platform) setLatency(latency time.Duration) {
	p.Configure(func(o *simulator.Options) { o.Latency = latency })
}

// attach joins all devices and lists them.
func (p *platform) attach(ctx context.Context) error {
	for batch := range slices.Chunk(p.ids, p.most.ids) {
		if err := p.client.JoinDevices(ctx, p.key, p.protocol, batch); err != nil {
			return err
		}
	}
	return p.list(ctx)
}

// list reads all pages of the devices of the task.
func (p *platform) list(ctx context.Context) error {
	_, err := p.client.JoinedDevices(ctx, p.key, "")
	return err
}

// remove lists the devices of the task and cancels all but rest, which is sorted.
func (p *platform) remove(ctx context.Context, rest []string) error {
	joined, err := p.client.JoinedDevices(ctx, p.key, "")
	if err != nil {
		return err
	}
	var subtasks []int64
	for _, d := range joined {
		if _, stays := slices.BinarySearch(rest, d.ID); !stays {
			subtasks = append(subtasks, d.SubtaskID)
		}
	}
	for batch := range slices.Chunk(subtasks, p.most.ids) {
		if err := p.client.CancelSubtasks(ctx, p.key, batch); err != nil {
			return err
		}
	}
	return nil
}
