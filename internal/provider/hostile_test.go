package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// wholeLife runs a campaign from its creation to its destruction on a platform
// that stays hostile, and insists that it makes no difference.
func wholeLife(t *testing.T, product int64, prepare func(*estate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newMatrixEstate(t, product, nil)
		prepare(e)
		ids := e.p.DeviceIDs(product)
		want := wish{names: [2]string{"north", "south"}, about: [2]string{"", "the other half"}, devices: [2][]string{ids[:7], ids[7:9]}}
		for range 2 {
			if text := e.run(&want).errors(); text != "" {
				t.Fatal(text)
			}
			if left := e.open(&want); left != "" {
				t.Error("left to do: " + left)
			}
			want.names[0], want.about, want.start = "north, gently", [2]string{"one by one", ""}, true
			want.devices[0] = append(slices.Clone(ids[:6]), ids[9], ids[10])
		}
		e.checkTask(number(e.tasks[0], "task_id"), 0, wish{names: [2]string{"north, gently"}, about: [2]string{"one by one"}, devices: [2][]string{want.devices[0]}, start: true})
		if text := e.run(nil).errors(); text != "" || len(e.p.Tasks(product)) != 0 {
			t.Errorf("destroy left %d tasks: %s", len(e.p.Tasks(product)), text)
		}
	})
}

func rewriting(pattern, replacement string) func(*estate) {
	expression := regexp.MustCompile(pattern)
	return func(e *estate) {
		e.p.Inject(simulator.Fault{Kind: simulator.RewriteBody, Times: -1, Rewrite: func(body []byte) []byte {
			return expression.ReplaceAll(body, []byte(replacement))
		}})
	}
}

func quirk(change func(*simulator.Options)) func(*estate) {
	return func(e *estate) {
		e.p.Configure(change)
		e.arguments = object{"page_size": 3}
	}
}

// clockJumps sets the platform's clock anew before every so many requests.
func clockJumps(e *estate) {
	seen := 0
	e.p.AfterProcessed(func(simulator.Request) {
		if seen++; seen%9 == 0 {
			go e.p.Configure(func(o *simulator.Options) { o.ClockOffset = 10*time.Minute - o.ClockOffset })
		}
	})
}

func TestHostilePlatformMakesNoDifference(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*estate){
		"numbers as text":        rewriting(`:(-?\d+)([,}])`, `:"$1"$2`),
		"text as numbers":        rewriting(`:"([1-9]\d{0,15}|0)"`, `:$1`),
		"new members":            rewriting(`\{`, `{"neverHeardOf":{"a":[1,{"b":null}]},"null":null,`),
		"codes as numbers":       quirk(func(o *simulator.Options) { o.Quirks.NumericCodes = true }),
		"pages of one":           quirk(func(o *simulator.Options) { o.Paging.MaxPageSize = 1 }),
		"pages of another size":  quirk(func(o *simulator.Options) { o.Paging.MaxPageSize, o.Paging.ReportRequested = 2, true }),
		"repeated rows":          quirk(func(o *simulator.Options) { o.Paging.RepeatRow = true }),
		"null lists":             quirk(func(o *simulator.Options) { o.Paging.NullList, o.Quirks.NullDescription = true, true }),
		"lag":                    quirk(func(o *simulator.Options) { o.Quirks.ReadLag, o.Quirks.ListLag = 3*time.Second, 3*time.Second }),
		"an empty list for null": func(e *estate) { rewriting(`"list":\[\]`, `"list":null`)(e) },
		"flow control":           quirk(func(o *simulator.Options) { o.Flow.PerSecond = 2 }),
		"flow control by 503":    quirk(func(o *simulator.Options) { o.Flow.PerSecond, o.Flow.Answer = 8, simulator.FlowStatus503 }),
		"few ids a call":         quirk(func(o *simulator.Options) { o.Quirks.MaxOperationalIDs = 2 }),
		"cancelled ones leave":   quirk(func(o *simulator.Options) { o.Quirks.CancelledLeaveJoined = true }),
		"slow answers":           quirk(func(o *simulator.Options) { o.Latency = 20 * time.Second }),
		"jumps of the clock":     clockJumps,
	} {
		for product, protocol := range map[int64]string{lwm2mProduct: "LwM2M", tLinkProduct: "T-Link"} {
			t.Run(name+"/"+protocol, func(t *testing.T) {
				t.Parallel()
				wholeLife(t, product, prepare)
			})
		}
	}
}

// TestHostilePlatformIsRefused has answers that nothing can be made of: they
// end in an error that says so, with the state kept and nothing written; and
// when they end, all goes on as if they had never been.
func TestHostilePlatformIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault simulator.Fault
		quirk func(*simulator.Options)
		want  string
	}{
		"64 MB":           {fault: simulator.Fault{Kind: simulator.HugeBody, Times: -1}, want: "larger than 16 MiB"},
		"gzip bomb":       {fault: simulator.Fault{Kind: simulator.GzipBomb, Times: -1}, want: "larger than 16 MiB"},
		"deep JSON":       {fault: simulator.Fault{Kind: simulator.DeepJSON, Times: -1}, want: "not the JSON of the API document"},
		"page with 200":   {fault: simulator.Fault{Kind: simulator.HTMLPage, Times: -1}, want: "not the JSON of the API document"},
		"no code":         {fault: simulator.Fault{Kind: simulator.RewriteBody, Times: -1, Rewrite: func([]byte) []byte { return []byte(`{"result":{}}`) }}, want: "no code"},
		"another task":    {fault: simulator.Fault{Kind: simulator.RewriteBody, Times: -1, Rewrite: func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), `"jobId":345`, `"jobId":999`)) }}, want: "it describes task 999"},
		"redirect":        {fault: simulator.Fault{Kind: simulator.Redirect, Location: "https://elsewhere.example/", Times: -1}, want: "redirect to elsewhere.example"},
		"the same page":   {quirk: func(o *simulator.Options) { o.Paging.IgnorePageNow = true }, want: "was inconsistent"},
		"total too large": {quirk: func(o *simulator.Options) { o.Paging.TotalOffset = 1_000_000_000 }, want: "was inconsistent"},
		"rows left out":   {quirk: func(o *simulator.Options) { o.Paging.SkipRow = true }, want: "was inconsistent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, want := standing(t)
				e.arguments = object{"page_size": 2}
				before := e.copied()
				if c.quirk != nil {
					e.p.Configure(c.quirk)
				} else {
					e.p.Inject(c.fault)
				}
				changed := want
				changed.devices[0] = want.devices[0][:3]
				said := e.run(&changed).errors()
				if !strings.Contains(said, c.want) {
					t.Errorf("an apply: %q, want %q", said, c.want)
				}
				for n, i := range e.instances() {
					if !i.value.Equal(before[n].value) {
						t.Errorf("the state of %s has changed", i.typeName)
					}
				}
				if writes := e.p.Writes(); len(writes) != 0 {
					t.Errorf("%d writes were sent, the first %s", len(writes), writes[0].Operation)
				}
				e.p.ClearFaults()
				e.p.Configure(func(o *simulator.Options) { o.Paging = simulator.Paging{} })
				e.rest()
				if text := e.run(&changed).errors(); text != "" {
					t.Error(text)
				}
				if left := e.open(&changed); left != "" {
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
		"a&b=c+d%20e", "水表 固件", "😀 👩‍👩‍👧", `"quoted" \ and 'so'`, "a<b>c", "line\nbreak", "cafe\u0301", strings.Repeat("很长", 120),
	}
	ids := []string{"a&b", "a+b", "a%2Cb", "水表01", "a/b/c", `a"b`, "a'b", `a\b`, "a=b", "A", "a", "😀", "0", "-1", "<x>"}
	for _, product := range []int64{lwm2mProduct, tLinkProduct} {
		synctest.Test(t, func(t *testing.T) {
			e := newMatrixEstate(t, product, nil)
			var seeds []simulator.DeviceSeed
			for _, id := range ids {
				seeds = append(seeds, simulator.DeviceSeed{ID: id})
			}
			if _, err := e.p.AddDevices(product, seeds...); err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				want := wish{names: [2]string{name, name + "."}, devices: [2][]string{ids}}
				e.p.Inject(
					simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpCreate},
					simulator.Fault{Kind: simulator.ResetAfter, Operation: simulator.OpOperational, Skip: 1},
				)
				if text := e.run(&want).errors(); text != "" {
					t.Fatalf("%q: %s", name, text)
				}
				if left := e.open(&want); left != "" {
					t.Errorf("%q: left to do: %s", name, left)
				}
				e.checkTask(number(e.tasks[0], "task_id"), 0, want)
				want.devices[0] = ids[1:]
				e.run(&want)
				e.checkTask(number(e.tasks[0], "task_id"), 0, want)
				if text := e.run(nil).errors(); text != "" || len(e.p.Tasks(product)) != 0 {
					t.Errorf("%q: destroy left %d tasks: %s", name, len(e.p.Tasks(product)), text)
				}
			}
		})
	}
}
