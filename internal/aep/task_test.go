package aep

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// soundTask has the members that every task has.
const soundTask = `"jobId":3456,"jobName":"north","jobStatus":1,"firmwareId":3297`

func TestTaskWithoutARequiredMemberIsMalformed(t *testing.T) {
	t.Parallel()
	reads := map[string]func(context.Context, *Client) (Task, error){
		"/task":   func(ctx context.Context, c *Client) (Task, error) { return c.Task(ctx, testKey) },
		"/detail": func(ctx context.Context, c *Client) (Task, error) { return c.TaskDetail(ctx, testKey) },
	}
	for member, spoilt := range map[string][]string{
		`"firmwareId":3297`: {`"x":0`, `"firmwareId":null`, `"firmwareId":""`, `"firmwareId":0`},
		`"jobName":"north"`: {`"x":0`, `"jobName":null`, `"jobName":""`},
		`"jobStatus":1`:     {`"x":0`, `"jobStatus":null`, `"jobStatus":""`},
	} {
		name := strings.Trim(member[:strings.Index(member, ":")], `"`)
		for _, instead := range spoilt {
			for path, read := range reads {
				t.Run(name+" "+instead+" "+path, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						broken := ok("{" + strings.Replace(soundTask, member, instead, 1) + "}")
						platform := play(broken)
						task, err := read(t.Context(), newClient(t, platform))
						if !isKind(err, kindMalformed) || !strings.Contains(err.Error(), name) || task != (Task{}) {
							t.Errorf("got %+v, %v, want a malformed response without %s", task, err, name)
						}
						if got := len(platform.sent()); got != 1+fewRepeats {
							t.Errorf("got %d requests, want %d", got, 1+fewRepeats)
						}
						task, err = read(t.Context(), newClient(t, play(broken, ok("{"+soundTask+"}"))))
						if err != nil || task.FirmwareID != 3297 || task.Name != "north" || task.Status != TaskPending {
							t.Errorf("after one such response: got %+v, %v, want the task", task, err)
						}
					})
				})
			}
		}
	}
}

// A status that is not in the API document is valid.
func TestTaskWithAnUndocumentedStatus(t *testing.T) {
	t.Parallel()
	task, err := newClient(t, play(ok(`{"jobId":3456,"jobName":"n","jobStatus":0,"firmwareId":1}`))).Task(t.Context(), testKey)
	if err != nil || task.Status.String() != "unknown_0" {
		t.Errorf("got %+v, %v, want the status unknown_0", task, err)
	}
}

// A row without a required member has its id, and hides no other row.
func TestRowOfTasksWithoutARequiredMember(t *testing.T) {
	t.Parallel()
	client := newClient(t, play(ok(`{"total":2,"list":[{"jobId":7,"jobName":"n","jobStatus":1},{`+soundTask+`}]}`)))
	list, err := client.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0)
	if err != nil || len(list.Rows) != 2 || list.Rows[0].ID != 7 || list.Rows[0].Lacks != "firmwareId" || list.Rows[1].Lacks != "" {
		t.Errorf("got %+v, %v, want task 7, which lacks firmwareId, and another", list.Rows, err)
	}
}

// The response to a create needs no member but the id.
func TestCreatedTaskNeedsOnlyItsID(t *testing.T) {
	t.Parallel()
	client := newClient(t, play(respond(http.StatusOK, `{"code":0,"result":{"jobId":3456}}`)))
	created, err := client.CreateTask(t.Context(), CreateTaskRequest{ProductID: testProduct, Name: "n"})
	if err != nil || created.ID != 3456 {
		t.Errorf("got %+v, %v, want the id 3456", created, err)
	}
}

// A platform may show both settings for either protocol.
func TestProtocolOfATask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		retries *int64
		hours   int64
		want    Protocol
	}{
		{nil, 0, LwM2M},
		{ptr[int64](0), 0, LwM2M},
		{ptr[int64](2), 0, LwM2M},
		{ptr[int64](2), 24, LwM2M},
		{nil, 24, TLink},
		{ptr[int64](0), 24, TLink},
	} {
		if got := (Task{RetryTimes: c.retries, TimeoutHours: c.hours}).Protocol(); got != c.want {
			t.Errorf("retries %v, hours %d: got %s, want %s", c.retries, c.hours, got, c.want)
		}
	}
}
