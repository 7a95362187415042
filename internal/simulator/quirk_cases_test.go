package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// quirkRun is one run of a case of TestQuirks.
type quirkRun struct {
	c       *caller
	p       *Platform
	ids     []string
	pending int64 // the task that ids[0] is joined to
	running int64 // the task that ids[1] is joined to
}

// step acts on a platform and returns what there is to see.
type step func(quirkRun) string

// then runs steps in order.
func then(steps ...step) step {
	return func(r quirkRun) string {
		var all []string
		for _, s := range steps {
			all = append(all, s(r))
		}
		return strings.Join(all, " ")
	}
}

// callCode calls an operation and returns the business code.
func callCode(op string, params func(quirkRun) map[string]string, body func(quirkRun) string) step {
	return func(r quirkRun) string {
		var content string
		if body != nil {
			content = body(r)
		}
		var query map[string]string
		if params != nil {
			query = params(r)
		}
		return strconv.Itoa(r.c.call(op, query, content).Code)
	}
}

func pendingTask(r quirkRun) int64 { return r.pending }

func runningTask(r quirkRun) int64 { return r.running }

func pendingID(r quirkRun) map[string]string { return ofTask(LwM2MProduct, r.pending) }

func runningID(r quirkRun) map[string]string { return ofTask(LwM2MProduct, r.running) }

func missingID(quirkRun) map[string]string { return ofTask(LwM2MProduct, 1) }

func onRunning(r quirkRun) map[string]string { return only(r.running) }

// join joins the devices with these indexes.
func join(job func(quirkRun) int64, indexes ...int) step {
	return callCode(OpOperational, nil, func(r quirkRun) string {
		var chosen []string
		for _, i := range indexes {
			chosen = append(chosen, r.ids[i])
		}
		return lwm2mJoin(job(r), chosen...)
	})
}

func modify(members string) step {
	return callCode(OpModify, onRunning, func(quirkRun) string { return `{"productId":10005977,` + members + `}` })
}

func create(members string) step {
	return callCode(OpCreate, nil, func(quirkRun) string { return `{"jobName":"new","productId":10005977,` + members + `}` })
}

func start(r quirkRun) string {
	return callCode(OpControl, onRunning, func(quirkRun) string { return controlBody(LwM2MProduct) })(r)
}

// startEmpty starts a task without devices and returns the task's status.
func startEmpty(r quirkRun) string {
	empty := startable(r.c.t, r.p, LwM2MProduct)
	code := r.c.call(OpControl, only(empty), controlBody(LwM2MProduct)).Code
	task, _ := r.p.Task(empty)
	return fmt.Sprint(code, int(task.Status))
}

func finish(r quirkRun) string { must(r.c.t, r.p.Finish(r.running)); return "finish" }

func cancel(r quirkRun) string { must(r.c.t, r.p.Cancel(r.running, r.ids[1])); return "cancel" }

func cancelOverAPI(r quirkRun) string {
	return callCode(OpOperational, nil, func(r quirkRun) string { return onSubtasks(2, LwM2MProduct, r.running, "60") })(r)
}

func wait(quirkRun) string { time.Sleep(time.Minute); return "wait" }

// member returns a member of the running task.
func member(name string) step {
	return func(r quirkRun) string {
		value, _ := json.Marshal(r.c.object(OpQueryTask, runningID(r))[name])
		return string(value)
	}
}

func readMissing(r quirkRun) string {
	a := r.c.call(OpQueryDetail, missingID(r), "")
	return strconv.Itoa(a.Code) + " " + string(a.Result)
}

func countJoined(r quirkRun) string {
	return strconv.Itoa(r.c.list(OpDevices, ofTask(LwM2MProduct, r.running, "isSelectDevice", "1")).Total)
}

func countTasks(r quirkRun) string {
	return strconv.Itoa(r.c.list(OpTasks, map[string]string{"productId": "10005977"}).Total)
}

// codeTypes returns the members of a subtask that NumericCodes changes.
func codeTypes(r quirkRun) string {
	row := r.c.list(OpSubtasks, runningID(r)).List[0]
	codes, _ := json.Marshal([]any{row["taskState"], row["resultCode"], row["taskId"]})
	return string(codes)
}
