package aep

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// A call ends without a panic for every response. It never succeeds without the ids
// that its caller needs.
func FuzzAnswers(f *testing.F) {
	for _, name := range []string{"detail", "task", "control", "devices", "delete", "tasks", "modify", "create", "operational", "details"} {
		f.Add(200, fixture(f, name))
	}
	for _, body := range []string{
		`{"code":0,"result":[{"deviceId":"a"},{"firmwareId":1}]}`,
		"", "null", "{}", "[]", success, `{"code":0}`, `{"code":"0","result":[]}`, `{"code":0,"result":{"list":[null],"total":-1}}`,
		`{"code":0,"result":{"jobId":1e400}}`, `{"code":0,"result":{"jobId":"","list":[{"jobId":"7","taskId":"","deviceId":5}],"total":"1"}}`,
		`{"code":0,"result":{"total":9223372036854775807,"list":[{"taskId":1}]}}`, "<html>", "\xb7\xfe", `{"error_code":1,"error_desc":["x"]}`,
	} {
		f.Add(200, body)
		f.Add(503, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 599 {
			return
		}
		client := newClient(t, play(respond(status, body)), func(c *Config) { c.RetryBudget = -1 })
		client.clock.measured = time.Now()
		ctx := t.Context()

		task, err := client.Task(ctx, testKey)
		checkOutcome(t, err, task.Key() == testKey)
		task, err = client.TaskDetail(ctx, testKey)
		checkOutcome(t, err, task.Key() == testKey)
		created, err := client.CreateTask(ctx, CreateTaskRequest{ProductID: testProduct, Name: "n"})
		checkOutcome(t, err, created.ID > 0)
		tasks, err := client.Tasks(ctx, TaskQuery{ProductID: testProduct}, 0)
		checkOutcome(t, err, true)
		for _, task := range tasks.Rows {
			checkOutcome(t, nil, task.ID > 0)
		}
		devices, err := client.Devices(ctx, DeviceQuery{Key: testKey, Scope: Candidates}, 3)
		checkOutcome(t, err, len(devices.Rows) <= 3)
		for _, device := range devices.Rows {
			checkOutcome(t, nil, device.ID != "")
		}
		subtasks, err := client.Subtasks(ctx, SubtaskQuery{Key: testKey}, 0)
		checkOutcome(t, err, int64(len(subtasks.Rows)) == subtasks.Total)
		for _, subtask := range subtasks.Rows {
			checkOutcome(t, nil, subtask.ID > 0)
		}
		checkOutcome(t, client.StartTask(ctx, testKey), true)

		product, err := client.Product(ctx, testProduct)
		checkOutcome(t, err, product.ID == testProduct)
		key, err := client.ProductKey(ctx, testProduct)
		checkOutcome(t, err, key != "")
		firmwares, err := client.Firmwares(ctx, FirmwareQuery{ProductID: testProduct}, 0)
		checkOutcome(t, err, int64(len(firmwares.Rows)) == firmwares.Total)
		for _, firmware := range firmwares.Rows {
			checkOutcome(t, nil, firmware.ID > 0 && firmware.ProductID == testProduct)
		}
		rows, err := client.DevicesByID(ctx, testProduct, []string{"a", "b"})
		checkOutcome(t, err, len(rows) <= 2)
	})
}

func checkOutcome(t *testing.T, err error, right bool) {
	t.Helper()
	if err == nil {
		if !right {
			t.Fatal("got a success without its result")
		}
		return
	}
	failure := failureOf(t, err)
	text := err.Error()
	if strings.ToValidUTF8(text, "") != text || strings.ContainsAny(text, "\x00\x1b\n\r") || len([]rune(text)) > 4*messageLimit {
		t.Fatalf("got %q, want a short line without control characters", text)
	}
	if failure.Operation == "" {
		t.Fatalf("got %q, want the operation in it", text)
	}
}

func subtaskPage(rows int) string {
	var b strings.Builder
	b.WriteString(`{"code":0,"msg":"ok","result":{"pageNum":1,"pageSize":1000,"total":` + fmt.Sprint(rows) + `,"list":[`)
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"jobId":3456,"taskId":%d,"productId":10005977,"tenantId":"10007905","deviceName":"水表 %d",`+
			`"deviceId":"10339a95176c4bfbb029ef31%08d",`+
			`"deviceSn":"","imei":"12234458%07d","productName":"复用lw二进制 远程升级",`+
			`"updateTime":"2019-05-21 10:34:04","taskState":"3","resultCode":"-1",`+
			`"finishTime":"2019-05-21 10:34:04","preUpgradeVersion":"1.3250","upgradedVersion":"1.3251"}`, i+1, i, i, i)
	}
	b.WriteString("]}}")
	return b.String()
}

func BenchmarkDecodeSubtasks(b *testing.B) {
	for _, rows := range []int{100, 1000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			body := subtaskPage(rows)
			client := newClient(b, play(respond(http.StatusOK, body)))
			client.clock.measured = time.Now().Add(24 * time.Hour)
			source := client.subtasks(SubtaskQuery{Key: testKey}, nil)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				page, err := source.fetch(b.Context(), 1, rows)
				if err != nil || len(page.List) != rows {
					b.Fatal(len(page.List), err)
				}
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	client := newClient(b, nil)
	m := taskMessage(querySubtasks, testKey)
	m.query["productId"], m.query["pageNow"], m.query["pageSize"] = decimal(testProduct), "1", "100"
	at := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.newRequest(b.Context(), &m, at); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkList100000Subtasks(b *testing.B) {
	const devices = 100_000
	for _, size := range []int{100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			client, platform := simulated(b, simulator.Options{Products: simulator.DefaultProducts(devices)}, pageSize(size))
			ctx := b.Context()
			created, err := client.CreateTask(ctx, CreateTaskRequest{
				ProductID: simulator.LwM2MProduct, FirmwareID: simulator.LwM2MFirmware, Name: "n", RetryTimes: ptr(int64(1)),
			})
			if err != nil {
				b.Fatal(err)
			}
			key := TaskKey{ProductID: simulator.LwM2MProduct, TaskID: created.ID}
			candidates, err := client.Devices(ctx, DeviceQuery{Key: key, Scope: Candidates}, 0)
			if err != nil {
				b.Fatal(err)
			}
			ids := make([]string, len(candidates.Rows))
			for i, d := range candidates.Rows {
				ids[i] = d.ID
			}
			if err := client.JoinDevices(ctx, key, LwM2M, ids); err != nil {
				b.Fatal(err)
			}
			platform.ResetJournal()
			b.ReportAllocs()
			for b.Loop() {
				list, err := client.Subtasks(ctx, SubtaskQuery{Key: key}, 0)
				if err != nil || len(list.Rows) != devices {
					b.Fatal(len(list.Rows), err)
				}
			}
			b.ReportMetric(float64(len(platform.Requests()))/float64(b.N), "calls/op")
		})
	}
}
