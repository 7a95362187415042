package aep

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// pagesAsked returns page number and page size of each request for a list.
func pagesAsked(p *simulator.Platform) string {
	var asked []string
	for _, r := range p.Requests() {
		if r.Query.Has("pageNow") {
			asked = append(asked, r.Query.Get("pageNow")+"×"+r.Query.Get("pageSize"))
		}
	}
	return strings.Join(asked, " ")
}

func TestListsLearnThePageSize(t *testing.T) {
	t.Parallel()
	refused := func(way simulator.PageTooLarge) simulator.Paging {
		return simulator.Paging{MaxPageSize: 100, TooLarge: way}
	}
	large := func(r simulator.Request) bool { return r.Query.Get("pageSize") == "1000" }
	timeout := simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusGatewayTimeout, When: large}
	null := simulator.Fault{Kind: simulator.EmptyResult, When: large}
	for name, c := range map[string]struct {
		paging     simulator.Paging
		fault      simulator.Fault
		times      int // of the fault
		configured int
		first      string // requests of the first list
		second     string // requests of the second
		known      int    // rows of a page, afterwards
	}{
		"no limit":      {first: "1×1000", second: "1×1000", known: 1000},
		"capped at 100": {paging: simulator.Paging{MaxPageSize: 100}, first: "1×1000 2×100 3×100", second: "1×1000 2×100 3×100", known: 100},
		"capped at 100, counted by the size asked for": {
			paging: simulator.Paging{MaxPageSize: 100, OffsetByRequested: true},
			first:  "1×1000 2×100 3×100", second: "1×1000 2×100 3×100", known: 100,
		},
		"refused": {
			paging: refused(simulator.PageTooLargeRefused),
			first:  "1×1000 1×100 2×100 3×100", second: "1×100 2×100 3×100", known: 100,
		},
		"bad request": {
			paging: refused(simulator.PageTooLargeBadRequest),
			first:  "1×1000 1×100 2×100 3×100", second: "1×100 2×100 3×100", known: 100,
		},
		"refused above 40": {
			paging: simulator.Paging{MaxPageSize: 40, TooLarge: simulator.PageTooLargeBadRequest},
			first:  "1×1000 1×100 1×40 2×40 3×40 4×40 5×40 6×40 7×40", second: "1×40 2×40 3×40 4×40 5×40 6×40 7×40", known: 40,
		},
		"refused above 25": {
			paging: simulator.Paging{MaxPageSize: 25, TooLarge: simulator.PageTooLargeRefused},
			first:  "1×1000 1×100 1×40 1×20 2×20 3×20 4×20 5×20 6×20 7×20 8×20 9×20 10×20 11×20 12×20 13×20",
			second: "1×20 2×20 3×20 4×20 5×20 6×20 7×20 8×20 9×20 10×20 11×20 12×20 13×20", known: 20,
		},
		"one time-out":  {fault: timeout, times: 1, first: "1×1000 1×100 2×100 3×100", second: "1×1000", known: 1000},
		"two time-outs": {fault: timeout, times: 2, first: "1×1000 1×100 2×100 3×100", second: "1×1000 1×100 2×100 3×100", known: 100},
		"one null":      {fault: null, times: 1, first: "1×1000 1×100 2×100 3×100", second: "1×1000", known: 1000},
		"two nulls":     {fault: null, times: 2, first: "1×1000 1×100 2×100 3×100", second: "1×1000 1×100 2×100 3×100", known: 100},
		"configured":    {configured: 150, first: "1×150 2×150", second: "1×150 2×150", known: 150},
		"configured, capped": {
			configured: 150, paging: simulator.Paging{MaxPageSize: 100}, first: "1×150 2×150 3×150", second: "1×150 2×150 3×150", known: 100,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, platform := simulated(t, simulator.Options{Products: simulator.DefaultProducts(250), Paging: c.paging},
					oneAtATime, pageSize(c.configured))
				if c.times > 0 {
					c.fault.Times = c.times
					platform.Inject(c.fault)
				}
				for _, want := range []string{c.first, c.second} {
					platform.ResetJournal()
					list, err := client.Devices(t.Context(), DeviceQuery{Key: TaskKey{ProductID: simulator.LwM2MProduct}, Scope: Candidates}, 0)
					if err != nil || len(list.Rows) != 250 {
						t.Fatalf("got %d rows, %v", len(list.Rows), err)
					}
					if got := pagesAsked(platform); got != want {
						t.Errorf("the list asked for %s, want %s", got, want)
					}
				}
				if got := client.PageSize(); got != c.known {
					t.Errorf("a page has %d rows, want %d", got, c.known)
				}
				if n := platform.ArmedFaults(); n > 0 {
					t.Errorf("%d faults met no request", n)
				}
			})
		})
	}
}

// A refusal that has another reason than the size of the page is returned as it is.
func TestLargePageThatIsRefusedForAnotherReason(t *testing.T) {
	t.Parallel()
	client, platform := simulated(t, simulator.Options{Products: simulator.DefaultProducts(250)}, oneAtATime)
	platform.Inject(simulator.Fault{Kind: simulator.BusinessError, Code: 7, Message: "no", Operation: simulator.OpDevices, Times: 4})
	q := DeviceQuery{Key: TaskKey{ProductID: simulator.LwM2MProduct}, Scope: Candidates}
	if _, err := client.Devices(t.Context(), q, 0); !IsRefused(err) {
		t.Errorf("got %v, want a refusal", err)
	}
	if got := client.PageSize(); got != 1000 {
		t.Errorf("a page has %d rows, want 1000", got)
	}
}

// Once a large page was served, null for such a page means what it means for any page.
func TestNullAfterALargePage(t *testing.T) {
	t.Parallel()
	client, platform := simulated(t, simulator.Options{Products: simulator.DefaultProducts(250)}, oneAtATime)
	q := DeviceQuery{Key: TaskKey{ProductID: simulator.LwM2MProduct}, Scope: Candidates}
	for _, want := range []int{250, 0} {
		list, err := client.Devices(t.Context(), q, 0)
		if err != nil || len(list.Rows) != want {
			t.Errorf("got %d rows, %v, want %d", len(list.Rows), err, want)
		}
		platform.ResetJournal()
		platform.Inject(simulator.Fault{Kind: simulator.EmptyResult, Operation: simulator.OpDevices, Times: 2})
	}
	platform.ResetJournal()
	if _, err := client.Devices(t.Context(), q, 0); err != nil {
		t.Fatal(err)
	}
	if got := pagesAsked(platform); got != "1×1000 1×1000 1×1" { // the last one is the witness
		t.Errorf("the list asked for %s", got)
	}
}

// A list without rows tells the size that the platform serves as well as any other list.
func TestEmptyListLearnsThePageSize(t *testing.T) {
	t.Parallel()
	client, platform := simulated(t, simulator.Options{
		Products: simulator.DefaultProducts(250), Paging: simulator.Paging{MaxPageSize: 100, TooLarge: simulator.PageTooLargeRefused},
	}, oneAtATime)
	for _, want := range []string{"1×1000 1×100", "1×100"} {
		platform.ResetJournal()
		list, err := client.TasksWithin(t.Context(), TaskQuery{ProductID: simulator.LwM2MProduct}, 5)
		if err != nil || len(list.Rows) != 0 {
			t.Fatalf("got %d rows, %v", len(list.Rows), err)
		}
		if got := pagesAsked(platform); got != want {
			t.Errorf("the list asked for %s, want %s", got, want)
		}
	}
}
