package aep

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// subtaskStates serves T-Link subtasks by state. It calls move after each request.
type subtaskStates struct {
	states map[string][]int64
	extra  map[string]int // added to the total of a state
	move   func(state string, request int)
	count  int
}

func (s *subtaskStates) step(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	state := query.Get("taskStatus")
	size, _ := strconv.Atoi(query.Get("pageSize"))
	number, _ := strconv.Atoi(query.Get("pageNow"))
	ids := s.states[state]
	total := len(ids) + s.extra[state]
	from := min((number-1)*size, len(ids))
	rows := []map[string]any{}
	for _, id := range ids[from:min(from+size, len(ids))] {
		rows = append(rows, map[string]any{"taskId": id, "taskState": state})
	}
	s.count++
	if s.move != nil {
		s.move(state, s.count)
	}
	text, _ := json.Marshal(map[string]any{"total": total, "list": rows})
	return ok(string(text))(r)
}

func TestSweepOverStates(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, s *subtaskStates, limit int) (Listing[Subtask], error) {
		t.Helper()
		client := newClient(t, play(s.step), oneAtATime, pageSize(10))
		return client.Subtasks(t.Context(), SubtaskQuery{Key: testKey, Codes: TLinkSubtaskCodes}, limit)
	}
	t.Run("unchanged", func(t *testing.T) {
		t.Parallel()
		s := &subtaskStates{states: map[string][]int64{"1": {1, 2}, "2": {3}, "4": {4}}}
		list, err := read(t, s, 0)
		if err != nil || len(list.Rows) != 4 || list.Total != 4 || s.count != 4 {
			t.Errorf("got %+v, %v after %d requests, want 4 rows after 4", list, err, s.count)
		}
	})
	t.Run("a subtask changes its state", func(t *testing.T) {
		t.Parallel()
		s := &subtaskStates{states: map[string][]int64{"1": {1, 2}, "2": {3}}}
		s.move = func(_ string, request int) {
			if request == 2 {
				s.states["2"], s.states["3"] = nil, []int64{3}
			}
		}
		list, err := read(t, s, 0)
		if err != nil || len(list.Rows) != 3 || list.Rows[2].Code != 3 {
			t.Errorf("got %+v, %v, want 3 rows, the last in state 3", list, err)
		}
	})
	t.Run("subtasks keep changing their states", func(t *testing.T) {
		t.Parallel()
		s := &subtaskStates{states: map[string][]int64{"1": listOf(35).ids}}
		s.move = func(string, int) {
			if waiting := s.states["1"]; len(waiting) > 0 {
				s.states["1"], s.states["2"] = waiting[1:], append(s.states["2"], waiting[0])
			}
		}
		list, err := read(t, s, 0)
		if err != nil || len(list.Rows) != 35 {
			t.Errorf("got %d rows, %v, want 35", len(list.Rows), err)
		}
	})
	t.Run("a state is always short", func(t *testing.T) {
		t.Parallel()
		s := &subtaskStates{states: map[string][]int64{"1": {1, 2}, "3": {3}}, extra: map[string]int{"3": 2}}
		_, err := read(t, s, 0)
		if !IsUnreliable(err) || !strings.Contains(err.Error(), "got 3 different rows, want 5") {
			t.Errorf("got %v, want an unreliable list", err)
		}
	})
	t.Run("limit", func(t *testing.T) {
		t.Parallel()
		s := &subtaskStates{states: map[string][]int64{"1": {1, 2}, "2": {3, 4}, "3": {5}, "4": {6}}}
		list, err := read(t, s, 3)
		if err != nil || len(list.Rows) != 3 || list.Total != 6 || !list.Truncated || s.count != 4 {
			t.Errorf("got %+v, %v after %d requests, want 3 of 6 rows after 4", list, err, s.count)
		}
	})
}
