package simulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// caller is a client for tests. It is written from the API document, so that
// the simulator's code does not check itself.
type caller struct {
	t         *testing.T
	http      http.RoundTripper
	masterKey string
	secret    string
	skew      time.Duration
	change    func(*http.Request)
}

// received is a response as the client sees it.
type received struct {
	status int
	header http.Header
	body   []byte
	Code   int             `json:"code"`
	Msg    string          `json:"msg"`
	Result json.RawMessage `json:"result"`
}

// listed is the result of a list.
type listed struct {
	PageNum  int              `json:"pageNum"`
	PageSize int              `json:"pageSize"`
	Total    int              `json:"total"`
	List     []map[string]any `json:"list"`
}

// inBubble runs a test with a platform in a synctest bubble.
func inBubble(t *testing.T, options Options, test func(t *testing.T, p *Platform, c *caller)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := New(options)
		defer p.Close()
		test(t, p, newCaller(t, p))
	})
}

func newCaller(t *testing.T, p *Platform) *caller {
	t.Helper()
	return &caller{t: t, http: p.Transport(), secret: DefaultAppSecret}
}

// request returns a signed request. params has the parameters that are set.
func (c *caller) request(op string, params map[string]string, body string) *http.Request {
	c.t.Helper()
	e := documented(op)
	query := url.Values{}
	for name, value := range params {
		query.Set(name, value)
	}
	r, err := http.NewRequest(e.method, BaseURL+e.path+"?"+query.Encode(), bytes.NewBufferString(body))
	if err != nil {
		c.t.Fatal(err)
	}
	names := slices.Clone(e.query)
	if e.key != "none" {
		names = append(names, "MasterKey")
	}
	sort.Strings(names)
	stamp := strconv.FormatInt(time.Now().Add(c.skew).UnixMilli(), 10)
	text := "application:" + DefaultAppKey + "\ntimestamp:" + stamp + "\n"
	for _, name := range names {
		value := params[name]
		if name == "MasterKey" {
			value = c.masterKey
		}
		text += name + ":" + value + "\n"
	}
	if body != "" {
		text += body + "\n"
	}
	r.Header.Set("application", DefaultAppKey)
	r.Header.Set("timestamp", stamp)
	r.Header.Set("version", e.version)
	r.Header.Set("signature", c.sign(text))
	if c.masterKey != "" && e.key != "none" {
		r.Header.Set("MasterKey", c.masterKey)
	}
	if c.change != nil {
		c.change(r)
	}
	return r
}

func (c *caller) sign(text string) string {
	mac := hmac.New(sha1.New, []byte(c.secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// try calls an operation and returns the response or the transport's error.
func (c *caller) try(op string, params map[string]string, body string) (received, error) {
	c.t.Helper()
	return c.send(c.request(op, params, body))
}

func (c *caller) send(r *http.Request) (received, error) {
	response, err := c.http.RoundTrip(r)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	a := received{status: response.StatusCode, header: response.Header, body: content}
	_ = json.Unmarshal(content, &a)
	return a, err
}

// call calls an operation and requires a response.
func (c *caller) call(op string, params map[string]string, body string) received {
	c.t.Helper()
	a, err := c.try(op, params, body)
	if err != nil {
		c.t.Fatalf("%s: %v", op, err)
	}
	return a
}

// ok calls an operation and requires code 0.
func (c *caller) ok(op string, params map[string]string, body string) received {
	c.t.Helper()
	a := c.call(op, params, body)
	if a.status != http.StatusOK || a.Code != 0 {
		c.t.Fatalf("%s: got HTTP %d %s, want HTTP 200 with code 0", op, a.status, a.body)
	}
	return a
}

// refused calls an operation and requires a business code.
func (c *caller) refused(code int, op string, params map[string]string, body string) {
	c.t.Helper()
	a := c.call(op, params, body)
	if a.status != http.StatusOK || a.Code != code || string(a.Result) != "null" || a.Msg == "" {
		c.t.Fatalf("%s: got HTTP %d %s, want HTTP 200 with code %d", op, a.status, a.body, code)
	}
}

func (c *caller) list(op string, params map[string]string) listed {
	c.t.Helper()
	var l listed
	if err := json.Unmarshal(c.ok(op, params, "").Result, &l); err != nil {
		c.t.Fatal(err)
	}
	return l
}

func (c *caller) object(op string, params map[string]string) map[string]any {
	c.t.Helper()
	return object(c.t, c.ok(op, params, "").Result)
}

func object(t *testing.T, raw json.RawMessage) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return o
}

const (
	lwm2mBody = `{"createBy":"huangliang","firmwareId":3297,"jobDesc":"sddd","jobName":"北向测试","productId":10005977,"retryTimes":1}`
	tLinkBody = `{"createBy":"huangliang","firmwareId":3275,"jobName":"电视","productId":10005986,"outTime":"129"}`
)

// made creates a task through the API and returns its id.
func (c *caller) made(body string) int64 {
	c.t.Helper()
	id, _ := object(c.t, c.ok(OpCreate, nil, body).Result)["jobId"].(float64)
	return int64(id)
}

func (c *caller) lwm2mTask() int64 {
	c.t.Helper()
	return c.made(lwm2mBody)
}

func (c *caller) tLinkTask() int64 {
	c.t.Helper()
	return c.made(tLinkBody)
}

// ofTask returns the parameters of a task, and more parameters as pairs.
func ofTask(productID, jobID int64, more ...string) map[string]string {
	params := map[string]string{
		"id": strconv.FormatInt(jobID, 10), "productId": strconv.FormatInt(productID, 10),
	}
	for i := 0; i+1 < len(more); i += 2 {
		params[more[i]] = more[i+1]
	}
	return params
}

func controlBody(productID int64) string {
	return `{"productId":` + strconv.FormatInt(productID, 10) + `,"runStatus":2}`
}

func only(jobID int64) map[string]string {
	return map[string]string{"id": strconv.FormatInt(jobID, 10)}
}

func lwm2mJoin(jobID int64, ids ...string) string {
	var list []map[string]string
	for _, id := range ids {
		list = append(list, map[string]string{"deviceId": id})
	}
	body, _ := json.Marshal(map[string]any{
		"createBy": "a", "deviceInfoList": list, "jobId": jobID, "operational": 1, "productId": LwM2MProduct,
	})
	return string(body)
}

func tLinkJoin(jobID int64, ids string) string {
	body, _ := json.Marshal(map[string]any{
		"createBy": "a", "deviceIdList": ids, "jobId": jobID, "operational": 1, "productId": TLinkProduct,
	})
	return string(body)
}

// onSubtasks returns the body of a cancel (2) or a retry (3).
func onSubtasks(operation int, productID, jobID int64, ids string) string {
	body, _ := json.Marshal(map[string]any{
		"createBy": "a", "taskIdList": ids, "jobId": jobID, "operational": operation, "productId": productID,
	})
	return string(body)
}

// wantEqual reports a difference between two values.
func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantMembers reports the members of an object that differ.
func wantMembers(t *testing.T, got, want map[string]any) {
	t.Helper()
	for name, value := range want {
		wantEqual(t, name, got[name], value)
	}
}

// wantAbsent reports the members that an object has and must not have.
func wantAbsent(t *testing.T, o map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		_, present := o[name]
		wantEqual(t, name+" is present", present, false)
	}
}

// wantStatus reports a task in another state.
func wantStatus(t *testing.T, p *Platform, job int64, want Status) {
	t.Helper()
	task, _ := p.Task(job)
	wantEqual(t, "status of task "+strconv.FormatInt(job, 10), task.Status, want)
}

// wantTaskOf reports a device whose unfinished subtask is in another task.
func wantTaskOf(t *testing.T, p *Platform, product int64, id string, want int64) {
	t.Helper()
	d, _ := p.Device(product, id)
	wantEqual(t, "task of device "+id, d.JobID, want)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
