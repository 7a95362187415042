package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// wholeLife runs a campaign from its creation to its destruction on a platform
// that stays hostile, and insists that it makes no difference.
func wholeLife(t *testing.T, product int64, prepare func(*coretest.Campaigns)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := coretest.NewSmallCampaigns(t, product, nil)
		prepare(e)
		ids := e.Platform.DeviceIDs(product)
		want := coretest.CampaignsConfig{
			Names: [2]string{"north", "south"}, Descriptions: [2]string{"", "the other half"},
			Devices: [2][]string{ids[:7], ids[7:9]},
		}
		for range 2 {
			if text := e.Run(&want).Errors(); text != "" {
				t.Fatal(text)
			}
			if left := e.Remaining(&want); left != "" {
				t.Error("left to do: " + left)
			}
			want.Names[0], want.Descriptions, want.Start = "north, gently", [2]string{"one by one", ""}, true
			want.Devices[0] = append(slices.Clone(ids[:6]), ids[9], ids[10])
		}
		e.CheckTask(coretest.Number(e.Tasks[0], "task_id"), 0, coretest.CampaignsConfig{
			Names:        [2]string{"north, gently"},
			Descriptions: [2]string{"one by one"}, Devices: [2][]string{want.Devices[0]}, Start: true,
		})
		if text := e.Run(nil).Errors(); text != "" || len(e.Platform.Tasks(product)) != 0 {
			t.Errorf("destroy left %d tasks: %s", len(e.Platform.Tasks(product)), text)
		}
	})
}

func rewriting(pattern, replacement string) func(*coretest.Campaigns) {
	expression := regexp.MustCompile(pattern)
	return func(e *coretest.Campaigns) {
		e.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Times: -1, Rewrite: func(body []byte) []byte {
			return expression.ReplaceAll(body, []byte(replacement))
		}})
	}
}

func quirk(change func(*simulator.Options)) func(*coretest.Campaigns) {
	return func(e *coretest.Campaigns) {
		e.Platform.Configure(change)
		e.Arguments = coretest.Config{"page_size": 3}
	}
}

// clockJumps changes the platform's clock before every n-th request.
func clockJumps(e *coretest.Campaigns) {
	var seen atomic.Int64
	e.Platform.AfterProcessed(func(simulator.Request) {
		if seen.Add(1)%9 == 0 {
			go e.Platform.Configure(func(o *simulator.Options) { o.ClockOffset = 10*time.Minute - o.ClockOffset })
		}
	})
}

func TestHostilePlatformMakesNoDifference(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*coretest.Campaigns){
		"numbers as text":        rewriting(`:(-?\d+)([,}])`, `:"$1"$2`),
		"text as numbers":        rewriting(`:"([1-9]\d{0,15}|0)"`, `:$1`),
		"new members":            rewriting(`\{`, `{"neverHeardOf":{"a":[1,{"b":null}]},"null":null,`),
		"codes as numbers":       quirk(func(o *simulator.Options) { o.Quirks.NumericCodes = true }),
		"pages of one":           quirk(func(o *simulator.Options) { o.Paging.MaxPageSize = 1 }),
		"pages of another size":  quirk(func(o *simulator.Options) { o.Paging.MaxPageSize, o.Paging.ReportRequested = 2, true }),
		"repeated rows":          quirk(func(o *simulator.Options) { o.Paging.RepeatRow = true }),
		"null lists":             quirk(func(o *simulator.Options) { o.Paging.NullList, o.Quirks.NullDescription = true, true }),
		"lag":                    quirk(func(o *simulator.Options) { o.Quirks.ReadLag, o.Quirks.ListLag = 3*time.Second, 3*time.Second }),
		"an empty list for null": func(e *coretest.Campaigns) { rewriting(`"list":\[\]`, `"list":null`)(e) },
		"flow control":           quirk(func(o *simulator.Options) { o.Flow.PerSecond = 2 }),
		"flow control by 503":    quirk(func(o *simulator.Options) { o.Flow.PerSecond, o.Flow.Response = 8, simulator.FlowStatus503 }),
		"few ids a call":         quirk(func(o *simulator.Options) { o.Quirks.MaxOperationalIDs = 2 }),
		"cancelled ones leave":   quirk(func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true }),
		"slow answers":           quirk(func(o *simulator.Options) { o.Latency = 20 * time.Second }),
		"jumps of the clock":     clockJumps,
	} {
		for product, protocol := range map[int64]string{coretest.LwM2MProduct: "LwM2M", coretest.TLinkProduct: "T-Link"} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				wholeLife(t, product, prepare)
			})
		}
	}
}

// TestHostilePlatformIsRefused has responses without a meaning. They end in an error,
// the state is kept, and nothing is written. After them, plans and applies continue as
// before.
func TestHostilePlatformIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault simulator.Fault
		quirk func(*simulator.Options)
		want  string
	}{
		"64 MB":         {fault: simulator.Fault{Kind: simulator.HugeBody, Times: -1}, want: "larger than 16 MiB"},
		"gzip bomb":     {fault: simulator.Fault{Kind: simulator.GzipBomb, Times: -1}, want: "larger than 16 MiB"},
		"deep JSON":     {fault: simulator.Fault{Kind: simulator.DeepJSON, Times: -1}, want: "not the JSON of the API document"},
		"page with 200": {fault: simulator.Fault{Kind: simulator.HTMLPage, Times: -1}, want: "not the JSON of the API document"},
		"no code": {fault: simulator.Fault{
			Kind: simulator.RewriteBody, Times: -1,
			Rewrite: func([]byte) []byte { return []byte(`{"result":{}}`) },
		}, want: "no code"},
		"another task": {fault: simulator.Fault{
			Kind: simulator.RewriteBody, Times: -1,
			Rewrite: func(b []byte) []byte {
				return []byte(strings.ReplaceAll(string(b), `"jobId":345`,
					`"jobId":999`))
			},
		}, want: "it describes task 9996"},
		"redirect": {
			fault: simulator.Fault{Kind: simulator.Redirect, Location: "https://elsewhere.example/", Times: -1},
			want:  "redirect to elsewhere.example",
		},
		"the same page":   {quirk: func(o *simulator.Options) { o.Paging.IgnorePageNow = true }, want: "was inconsistent"},
		"total too large": {quirk: func(o *simulator.Options) { o.Paging.TotalOffset = 1_000_000_000 }, want: "was inconsistent"},
		"rows left out":   {quirk: func(o *simulator.Options) { o.Paging.SkipRow = true }, want: "was inconsistent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, want := standing(t)
				e.Arguments = coretest.Config{"page_size": 2}
				before := e.Saved()
				if c.quirk != nil {
					e.Platform.Configure(c.quirk)
				} else {
					e.Platform.Inject(c.fault)
				}
				changed := want
				changed.Devices[0] = want.Devices[0][:3]
				said := e.Run(&changed).Errors()
				if !coretest.Says(said, c.want) {
					t.Errorf("an apply: %q, want %q", said, c.want)
				}
				for n, i := range e.Instances() {
					if !i.Value.Equal(before[n].Value) {
						t.Errorf("the state of %s has changed", i.TypeName)
					}
				}
				coretest.WantNoWrites(t, e.Platform)
				e.Platform.ClearFaults()
				e.Platform.Configure(func(o *simulator.Options) { o.Paging = simulator.Paging{} })
				e.Rest()
				if text := e.Run(&changed).Errors(); text != "" {
					t.Error(text)
				}
				if left := e.Remaining(&changed); left != "" {
					t.Error("left to do: " + left)
				}
			})
		})
	}
}

// TestOddTexts takes names and device ids through a life in which answers are lost.
func TestOddTexts(t *testing.T) {
	t.Parallel()
	names := []string{
		"a&b=c+d%20e", "水表 固件", "😀 👩‍👩‍👧", `"quoted" \ and 'so'`, "a<b>c",
		"line\nbreak", "cafe\u0301", strings.Repeat("很长", 120),
	}
	ids := []string{"a&b", "a+b", "a%2Cb", "水表01", "a/b/c", `a"b`, "a'b", `a\b`, "a=b", "A", "a", "😀", "0", "-1", "<x>"}
	for _, product := range []int64{coretest.LwM2MProduct, coretest.TLinkProduct} {
		synctest.Test(t, func(t *testing.T) {
			e := coretest.NewSmallCampaigns(t, product, nil)
			var seeds []simulator.DeviceSeed
			for _, id := range ids {
				seeds = append(seeds, simulator.DeviceSeed{ID: id})
			}
			if _, err := e.Platform.AddDevices(product, seeds...); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				want := coretest.CampaignsConfig{Names: [2]string{name, name + "."}, Devices: [2][]string{ids}}
				e.Platform.Inject(
					simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate},
					simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational, Skip: 1},
				)
				if text := e.Run(&want).Errors(); text != "" {
					t.Fatalf("%q: %s", name, text)
				}
				if left := e.Remaining(&want); left != "" {
					t.Errorf("%q: left to do: %s", name, left)
				}
				e.CheckTask(coretest.Number(e.Tasks[0], "task_id"), 0, want)
				want.Devices[0] = ids[1:]
				e.Run(&want)
				e.CheckTask(coretest.Number(e.Tasks[0], "task_id"), 0, want)
				if text := e.Run(nil).Errors(); text != "" || len(e.Platform.Tasks(product)) != 0 {
					t.Errorf("%q: destroy left %d tasks: %s", name, len(e.Platform.Tasks(product)), text)
				}
			}
		})
	}
}
