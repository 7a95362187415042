package aep

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault simulator.Fault
		says  string
		took  time.Duration // of one attempt; virtual
	}{
		"endless":    {simulator.Fault{Kind: simulator.HugeBody}, "the response is larger than 16 MiB", 0},
		"gzip bomb":  {simulator.Fault{Kind: simulator.GzipBomb}, "the response is larger than 16 MiB", 0},
		"deep":       {simulator.Fault{Kind: simulator.DeepJSON}, "not the JSON of the API document", 0},
		"slow-loris": {simulator.Fault{Kind: simulator.SlowBody}, "the response ended early: no response in time", time.Minute},
		"silent":     {simulator.Fault{Kind: simulator.HangBefore}, "no response in time", time.Minute},
		"empty":      {simulator.Fault{Kind: simulator.EmptyBody}, "not the JSON of the API document", 0},
		"redirect": {
			simulator.Fault{Kind: simulator.Redirect, Location: "http://127.0.0.2/stolen", Status: 307},
			"unexpected redirect to 127.0.0.2", 0,
		},
		"GBK page": {simulator.Fault{Kind: simulator.StatusBefore, Status: 500, Body: []byte("<p>\xb7\xfe\xce\xf1")}, "HTTP 500", 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, platform := simulated(t, simulator.Options{}, func(c *Config) { c.RetryBudget, c.PageSize = -1, 100 })
				_ = client.Now(t.Context())
				platform.Inject(c.fault)
				begin := time.Now()
				_, err := client.Tasks(t.Context(), TaskQuery{ProductID: simulator.LwM2MProduct}, 0)
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v, want %q in it", err, c.says)
				}
				if took := time.Since(begin); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
				for _, r := range platform.Requests() {
					if r.Path == "/stolen" {
						t.Error("the redirect was followed")
					}
				}
				if platform.ArmedFaults() != 0 {
					t.Error("the fault was not used")
				}
			})
		})
	}
}

func TestManyCallersShareOneClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, platform := simulated(t, simulator.Options{Latency: 20 * time.Millisecond})
		done := make(chan error)
		const callers = 100
		for i := range callers {
			go func() {
				product, firmware := simulator.LwM2MProduct, simulator.LwM2MFirmware
				request := CreateTaskRequest{Name: "n", RetryTimes: ptr(int64(1))}
				if i%2 == 0 {
					product, firmware = simulator.TLinkProduct, simulator.TLinkFirmware
					request = CreateTaskRequest{Name: "n", TimeoutHours: ptr(int64(1))}
				}
				request.ProductID, request.FirmwareID = product, firmware
				created, err := client.CreateTask(t.Context(), request)
				if err == nil {
					_, err = client.Task(t.Context(), TaskKey{product, created.ID})
				}
				done <- err
			}()
		}
		for range callers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := platform.MaxInFlight(); got != DefaultMaxConcurrentRequests {
			t.Errorf("got %d requests at the same time, want %d", got, DefaultMaxConcurrentRequests)
		}
	})
}
