package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // The platform's signature scheme.
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// job is what a bare loop does: the calls of a row, as a program would send
// them that knows what to expect, checks nothing and remembers nothing.
type job struct {
	Endpoint, AppKey, AppSecret, MasterKey string
	Product, Task                          int64
	Concurrency, PageSize                  int
	Join                                   [][]string // one call each, one after the other
	Pages                                  bool       // read the list of joined devices, side by side
	LookUp                                 []string   // of these devices, side by side
	Cancel                                 int        // of those looked up, in batches of so many
	Subtasks                               bool       // read the list of subtasks, side by side
}

// bareArgument makes this program the bare loop: a process of its own, as the
// provider is.
const bareArgument = "bare-loop"

// runBare runs a bare loop beside the platform and returns how long it took.
func runBare(ctx context.Context, j job) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	input, err := json.Marshal(j)
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, self, bareArgument) //nolint:gosec // This program.
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	output, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("the bare loop: %w", err)
	}
	nanoseconds, err := strconv.ParseInt(strings.TrimSpace(string(output)), 10, 64)
	return time.Duration(nanoseconds), err
}

// bareLoop reads its job from standard input and prints the nanoseconds it took.
func bareLoop(ctx context.Context) error {
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		return err
	}
	b := &bare{job: j, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: j.Concurrency}}}
	start := time.Now()
	if err := b.work(ctx); err != nil {
		return err
	}
	_, err := fmt.Println(time.Since(start).Nanoseconds())
	return err
}

type bare struct {
	job
	client *http.Client
}

func (b *bare) work(ctx context.Context) error {
	for _, batch := range b.Join {
		infos := make([]map[string]string, len(batch))
		for i, id := range batch {
			infos[i] = map[string]string{"deviceId": id}
		}
		if err := b.operate(ctx, 1, "deviceInfoList", infos); err != nil {
			return err
		}
	}
	if b.Pages {
		if err := b.list(ctx, devicesCall, map[string]string{"isSelectDevice": "1"}); err != nil {
			return err
		}
	}
	if b.Subtasks {
		if err := b.list(ctx, subtasksCall, nil); err != nil {
			return err
		}
	}
	return b.cancel(ctx)
}

// apiCall is an operation that reads, as the document has it.
type apiCall struct {
	path, version string
	parameters    []string
}

var (
	devicesCall = apiCall{"/devices", "20190615001451", []string{
		"id", "productId", "isSelectDevice", "pageNow", "pageSize", "deviceIdSearch",
		"deviceNameSearch", "imeiSearch", "deviceNoSearch", "deviceGroupIdSearch",
	}}
	subtasksCall = apiCall{"/details", "20190615001406", []string{
		"id", "productId", "taskStatus", "searchValue", "pageNow", "pageSize",
	}}
	operateCall = apiCall{"/operational", "20190615001412", nil}
)

// answer has what an SDK decodes of a list.
type answer struct {
	Code   int    `json:"code"`
	Msg    string `json:"msg"`
	Result struct {
		Total int `json:"total"`
		List  []struct {
			TaskID    json.Number `json:"taskId"`
			DeviceID  string      `json:"deviceId"`
			TaskState json.Number `json:"taskState"`
		} `json:"list"`
	} `json:"result"`
}

// list reads the first page and then the others side by side.
func (b *bare) list(ctx context.Context, call apiCall, query map[string]string) error {
	first, err := b.page(ctx, call, query, 1)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(b.Concurrency)
	for number := 2; (number-1)*b.PageSize < first.Result.Total; number++ {
		group.Go(func() error {
			_, err := b.page(ctx, call, query, number)
			return err
		})
	}
	return group.Wait()
}

func (b *bare) page(ctx context.Context, call apiCall, query map[string]string, number int) (answer, error) {
	values := map[string]string{
		"id": strconv.FormatInt(b.Task, 10), "productId": strconv.FormatInt(b.Product, 10),
		"pageNow": strconv.Itoa(number), "pageSize": strconv.Itoa(b.PageSize),
	}
	maps.Copy(values, query)
	var a answer
	return a, b.send(ctx, http.MethodGet, call, values, nil, &a)
}

// cancel looks devices up side by side and cancels them one batch after the other.
func (b *bare) cancel(ctx context.Context) error {
	found := make([]string, len(b.LookUp))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(b.Concurrency)
	for i, id := range b.LookUp {
		group.Go(func() error {
			a, err := b.page(groupCtx, devicesCall, map[string]string{"isSelectDevice": "1", "deviceIdSearch": id}, 1)
			if err == nil && len(a.Result.List) == 1 {
				found[i] = a.Result.List[0].TaskID.String()
			}
			return err
		})
	}
	if err := group.Wait(); err != nil || b.Cancel == 0 {
		return err
	}
	for batch := range slices.Chunk(found, b.Cancel) {
		if err := b.operate(ctx, 2, "taskIdList", strings.Join(batch, ",")); err != nil {
			return err
		}
	}
	return nil
}

func (b *bare) operate(ctx context.Context, operation int, member string, value any) error {
	body, err := json.Marshal(map[string]any{
		"createBy": "bare", "jobId": b.Task, "operational": operation, "productId": b.Product, member: value,
	})
	if err != nil {
		return err
	}
	return b.send(ctx, http.MethodPost, operateCall, nil, body, &struct{}{})
}

// send signs and sends one call and decodes what comes back.
func (b *bare) send(ctx context.Context, method string, call apiCall, query map[string]string, body []byte, into any) error {
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	var text strings.Builder
	text.WriteString("application:" + b.AppKey + "\ntimestamp:" + now + "\n")
	for _, name := range slices.Sorted(slices.Values(append([]string{"MasterKey"}, call.parameters...))) {
		value := query[name]
		if name == "MasterKey" {
			value = b.MasterKey
		}
		text.WriteString(name + ":" + value + "\n")
	}
	if len(body) > 0 {
		text.WriteString(string(body) + "\n")
	}
	mac := hmac.New(sha1.New, []byte(b.AppSecret))
	mac.Write([]byte(text.String()))
	values := url.Values{}
	for name, value := range query {
		values.Set(name, value)
	}
	target := b.Endpoint + "/aep_upgrade_management" + call.path + "?" + values.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("application", b.AppKey)
	req.Header.Set("timestamp", now)
	req.Header.Set("version", call.version)
	req.Header.Set("MasterKey", b.MasterKey)
	req.Header.Set("signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: HTTP %d: %s", method, call.path, resp.StatusCode, data)
	}
	return json.Unmarshal(data, into)
}
