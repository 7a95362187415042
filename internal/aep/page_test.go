package aep

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// byPath returns a step that responds to each kind of read with its own step.
func byPath(steps map[string]step) step {
	return func(r *http.Request) (*http.Response, error) {
		path := strings.TrimPrefix(r.URL.Path, basePath)
		if path == "/devices" && r.URL.Query().Get("isSelectDevice") == "1" {
			path = "/devices of the task"
		}
		return steps[path](r)
	}
}

// A null result means an empty list only while the platform returns something else
// of the same product.
func TestNullResultNeedsAWitness(t *testing.T) {
	t.Parallel()
	sound, empty := ok("{"+soundTask+"}"), ok(`{"total":0,"list":[]}`)
	lists := map[string]struct {
		path, witness string
		proof         step
		read          func(context.Context, *Client) (rows int, stated bool, err error)
	}{
		"tasks": {"/tasks", "/devices", empty, func(ctx context.Context, c *Client) (int, bool, error) {
			list, err := c.Tasks(ctx, TaskQuery{ProductID: testProduct}, 0)
			return len(list.Rows), list.Stated, err
		}},
		"candidates": {"/devices", "/tasks", empty, func(ctx context.Context, c *Client) (int, bool, error) {
			list, err := c.Devices(ctx, DeviceQuery{Key: testKey, Scope: Candidates}, 0)
			return len(list.Rows), list.Stated, err
		}},
		"devices of a task": {"/devices of the task", "/task", sound, func(ctx context.Context, c *Client) (int, bool, error) {
			list, err := c.JoinedDevices(ctx, testKey, "")
			return len(list), false, err
		}},
		"number of devices": {"/devices of the task", "/task", sound, func(ctx context.Context, c *Client) (int, bool, error) {
			n, err := c.CountDevices(ctx, DeviceQuery{Key: testKey, Scope: Joined})
			return int(n.Total), false, err
		}},
		"subtasks": {"/details", "/task", sound, func(ctx context.Context, c *Client) (int, bool, error) {
			list, err := c.Subtasks(ctx, SubtaskQuery{Key: testKey}, 0)
			return len(list.Rows), list.Stated, err
		}},
	}
	for name, c := range lists {
		for _, result := range []string{"null", "{}", "[]", `""`, `{"list":null}`, `{"total":null,"list":[]}`} {
			t.Run(name+" "+result, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					platform := play(byPath(map[string]step{c.path: ok(result), c.witness: c.proof}))
					rows, stated, err := c.read(t.Context(), newClient(t, platform))
					if err != nil || rows != 0 || stated || len(platform.sent()) != 3 {
						t.Errorf("got %d rows, stated %t, %v after %d requests, want none, not stated, after 3",
							rows, stated, err, len(platform.sent()))
					}
					for _, silent := range []string{"null", "{}", `{"total":null}`} {
						outage := play(byPath(map[string]step{c.path: ok(result), c.witness: ok(silent)}))
						if _, _, err := c.read(t.Context(), newClient(t, outage)); !IsUnreliable(err) && !MaybeGone(err) {
							t.Errorf("while the witness returns %s: got %v, want an unreliable list or a task that may be gone", silent, err)
						}
					}
				})
			})
		}
	}
}

func TestListThatIsStated(t *testing.T) {
	t.Parallel()
	for result, stated := range map[string]bool{
		`{"total":0,"list":[]}`: true, `{"total":0,"list":null}`: true, `{"total":"0"}`: true,
		`{"total":1,"list":[{` + soundTask + `}]}`: true, `{"list":[{` + soundTask + `}]}`: false,
	} {
		for _, limit := range []int{0, 1} {
			list, err := newClient(t, play(ok(result))).Tasks(t.Context(), TaskQuery{ProductID: testProduct}, limit)
			if err != nil || list.Stated != stated {
				t.Errorf("%s: got %+v, %v, want stated %t", result, list, err, stated)
			}
		}
		list, err := newClient(t, play(ok(result))).TasksWithin(t.Context(), TaskQuery{ProductID: testProduct}, 1)
		if err != nil || list.Stated != stated {
			t.Errorf("%s: got %+v, %v, want stated %t", result, list, err, stated)
		}
	}
}

func TestNullResultOnce(t *testing.T) {
	t.Parallel()
	list, err := newClient(t, play(ok("null"), listOf(3).step)).Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0)
	if err != nil || len(list.Rows) != 3 {
		t.Errorf("got %v, %v, want 3 rows", idsOf(list.Rows), err)
	}
}

func TestCountWithoutATotalIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, err := newClient(t, play(ok(`{"list":[{"deviceId":"d"}]}`))).CountDevices(t.Context(), DeviceQuery{Key: testKey, Scope: Joined})
		if !isKind(err, kindMalformed) || !strings.Contains(err.Error(), "total") {
			t.Errorf("got %+v, %v, want a malformed list without total", n, err)
		}
		list, err := newClient(t, play(ok(`{"list":[{"taskId":1},{"taskId":2}]}`))).SampleSubtasks(t.Context(), testKey, 0, 2)
		if !isKind(err, kindMalformed) {
			t.Errorf("got %+v, %v, want a malformed list", list, err)
		}
	})
}

func TestEachStopsWithItsCaller(t *testing.T) {
	t.Parallel()
	for stopAfter, pages := range map[int]int{1: 1, 7: 1, 8: 2, 100: 15} {
		s := listOf(100)
		client := newClient(t, play(s.step), pageSize(7))
		var ids []int64
		for task, err := range client.EachTask(t.Context(), TaskQuery{ProductID: testProduct}) {
			if err != nil {
				t.Fatal(err)
			}
			if ids = append(ids, task.ID); len(ids) == stopAfter {
				break
			}
		}
		if len(ids) != stopAfter || len(s.pages) != pages {
			t.Errorf("got %d rows from the pages %v, want %d from %d", len(ids), s.pages, stopAfter, pages)
		}
	}
}

func TestEachEndsOnEveryList(t *testing.T) {
	t.Parallel()
	ignoring := listOf(20)
	ignoring.page = func(int) int { return 1 }
	wrong := listOf(20)
	wrong.total = total("-1")
	for name, c := range map[string]struct {
		fakeList    *fakeList
		rows, pages int
	}{"empty": {listOf(0), 0, 1}, "whole": {listOf(20), 20, 3}, "page ignored": {ignoring, 7, 2}, "total wrong": {wrong, 20, 4}} {
		rows := 0
		for _, err := range newClient(t, play(c.fakeList.step), pageSize(7)).EachTask(t.Context(), TaskQuery{ProductID: testProduct}) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			rows++
		}
		if rows != c.rows || len(c.fakeList.pages) != c.pages {
			t.Errorf("%s: got %d rows from the pages %v, want %d from %d", name, rows, c.fakeList.pages, c.rows, c.pages)
		}
	}
	errs := 0
	for _, err := range newClient(t, play(respond(500, ""))).EachTask(t.Context(), TaskQuery{ProductID: testProduct}) {
		if err != nil {
			errs++
		}
	}
	if errs != 1 {
		t.Errorf("got %d errors, want 1", errs)
	}
}

func TestCountCostsOneRow(t *testing.T) {
	t.Parallel()
	platform := play(ok(`{"total":1234,"list":[{"deviceId":"d"}]}`))
	n, err := newClient(t, platform).CountDevices(t.Context(), DeviceQuery{Key: testKey, Scope: Joined})
	sent := platform.sent()
	if err != nil || n.Total != 1234 || n.Sample == nil || n.Sample.ID != "d" {
		t.Errorf("got %+v, %v, want the total 1234 and the device d", n, err)
	}
	if len(sent) != 1 || sent[0].URL.Query().Get("pageSize") != "1" {
		t.Errorf("got %d requests, want one for a page of one row", len(sent))
	}
}
