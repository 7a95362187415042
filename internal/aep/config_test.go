package aep

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNewChecksEveryField(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change  func(*Config)
		field   string
		problem string
	}{
		"no app key":           {func(c *Config) { c.AppKey = "" }, "AppKey", "is missing"},
		"no app secret":        {func(c *Config) { c.AppSecret = "" }, "AppSecret", "is missing"},
		"secret with newline":  {func(c *Config) { c.AppSecret = "canary\n" }, "AppSecret", "white space around"},
		"secret with control":  {func(c *Config) { c.AppSecret = "cana\x00ry" }, "AppSecret", "control character"},
		"master key, blank":    {func(c *Config) { c.MasterKey = " canary" }, "MasterKey", "white space around"},
		"master keys, empty":   {func(c *Config) { c.MasterKeys = map[int64]string{7: ""} }, "MasterKeys", "is missing (product 7)"},
		"master keys, newline": {func(c *Config) { c.MasterKeys = map[int64]string{7: "cana\nry"} }, "MasterKeys", "control character (product 7)"},
		"endpoint":             {func(c *Config) { c.Endpoint = "platform.test" }, "Endpoint", "https://HOST"},
		"request timeout":      {func(c *Config) { c.RequestTimeout = -1 }, "RequestTimeout", "positive"},
		"concurrency, low":     {func(c *Config) { c.MaxConcurrentRequests = -1 }, "MaxConcurrentRequests", "between 1 and 64"},
		"concurrency, high":    {func(c *Config) { c.MaxConcurrentRequests = 65 }, "MaxConcurrentRequests", "between 1 and 64"},
		"page size, low":       {func(c *Config) { c.PageSize = -1 }, "PageSize", "between 1 and 1000"},
		"page size, high":      {func(c *Config) { c.PageSize = 1001 }, "PageSize", "between 1 and 1000"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := testConfig(nil)
			c.change(&config)
			client, err := New(config)
			wrong, ok := errors.AsType[*ConfigError](err)
			if client != nil || !ok {
				t.Fatalf("got %v, %v", client, err)
			}
			if wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) {
				t.Errorf("got %q %q, want %q … %q …", wrong.Field, wrong.Problem, c.field, c.problem)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "cana") {
				t.Errorf("the error repeats the secret: %s", err)
			}
		})
	}
}

func TestNewReportsEveryFieldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Endpoint: "ftp://x", PageSize: -1})
	var fields []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		wrong, _ := errors.AsType[*ConfigError](e)
		fields = append(fields, wrong.Field)
	}
	if want := []string{"Endpoint", "AppKey", "AppSecret", "PageSize"}; !slices.Equal(fields, want) {
		t.Errorf("got %q, want %q", fields, want)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := New(Config{AppKey: "k", AppSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		c.endpoint.String(), c.config.Operator, c.config.RequestTimeout, c.config.RetryBudget, float64(c.limiter.Limit()),
		c.limiter.Burst(), c.Concurrency(), c.PageSize(), c.ReadOnly(),
	}
	want := []any{
		"https://ag-api.ctwing.cn", "terraform", time.Minute, 5 * time.Minute, 10.0,
		5, 4, 100, false,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestClientKeepsItsOwnCopyOfTheKeys(t *testing.T) {
	t.Parallel()
	keys := map[int64]string{testProduct: "of the product"}
	c := newClient(t, nil, func(config *Config) { config.MasterKeys = keys })
	before := maps.Clone(keys)
	keys[testProduct] = "changed"
	if got := c.masterKey(testProduct); got != before[testProduct] {
		t.Errorf("got %q: a change from outside reaches the client", got)
	}
}

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text      string
		allowHTTP bool
		want      string
		problem   string
	}{
		"default":            {DefaultEndpoint, false, DefaultEndpoint, ""},
		"tenant":             {"https://10007905.api.ctwing.cn", false, "https://10007905.api.ctwing.cn", ""},
		"slash":              {"https://h/", false, "https://h", ""},
		"port":               {"https://h:8443", false, "https://h:8443", ""},
		"capitals":           {"HTTPS://h", false, "https://h", ""},
		"IPv6":               {"https://[2001:db8::1]:1", false, "https://[2001:db8::1]:1", ""},
		"http to loopback":   {"http://127.0.0.1:8080", false, "http://127.0.0.1:8080", ""},
		"http to ::1":        {"http://[::1]:8080", false, "http://[::1]:8080", ""},
		"http to localhost":  {"http://LocalHost", false, "http://LocalHost", ""},
		"http allowed":       {"http://h", true, "http://h", ""},
		"http":               {"http://h", false, "", "uses plain http"},
		"http to lookalike":  {"http://localhost.evil.example", false, "", "uses plain http"},
		"http to 127.evil":   {"http://127.0.0.1.evil.example", false, "", "uses plain http"},
		"another scheme":     {"ftp://h", true, "", `scheme "ftp"`},
		"no scheme":          {"ag-api.ctwing.cn", false, "", "form https://HOST"},
		"no host":            {"https://", false, "", "form https://HOST"},
		"port alone":         {"https://:443", false, "", "form https://HOST"},
		"empty":              {"", false, "", "form https://HOST"},
		"user":               {"https://canary:x@h", false, "", "user name"},
		"path":               {"https://h/aep_upgrade_management", false, "", "without path"},
		"query":              {"https://h?MasterKey=canary", false, "", "without path"},
		"fragment":           {"https://h#canary", false, "", "without path"},
		"not to be parsed":   {"https://h:canary", false, "", "form https://HOST"},
		"control characters": {"https://h\n", false, "", "form https://HOST"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, problem := ParseEndpoint(c.text, c.allowHTTP)
			if u != nil {
				if got := u.String(); got != c.want {
					t.Errorf("got %s, want %q", got, c.want)
				}
			} else if c.want != "" {
				t.Errorf("refused: %s", problem)
			}
			if (problem == "") != (c.problem == "") || !strings.Contains(problem, c.problem) || strings.Contains(problem, "canary") {
				t.Errorf("got the problem %q, want %q", problem, c.problem)
			}
		})
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, seed := range []string{DefaultEndpoint, "http://127.0.0.1:1/", "http://h", "https://u:p@h", "https://[::1%25eth0]", "//h", "https:h", "https://%41"} {
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, allowHTTP bool) {
		u, problem := ParseEndpoint(text, allowHTTP)
		if (u == nil) != (problem != "") {
			t.Fatalf("%q: %v with the problem %q", text, u, problem)
		}
		if u == nil {
			return
		}
		again, problem := ParseEndpoint(u.String(), allowHTTP)
		if problem != "" || again.Host != u.Host || again.Scheme != u.Scheme {
			t.Errorf("%q is read as %q, and that as %v, %s", text, u, again, problem)
		}
		if u.Scheme != "https" && !allowHTTP && !isLoopback(u.Hostname()) || u.User != nil || u.Path != "" || u.RawQuery != "" {
			t.Errorf("%q accepted as %#v", text, u)
		}
	})
}
