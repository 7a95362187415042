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
		"app key with BOM":   {func(c *Config) { c.AppKey = "\ufeffcanary" }, "AppKey", "begins with a byte order mark (U+FEFF)"},
		"secret in marks":    {func(c *Config) { c.AppSecret = `"canary"` }, "AppSecret", "begins with a quotation mark"},
		"secret in “marks”":  {func(c *Config) { c.AppSecret = "“canary”" }, "AppSecret", "begins with a quotation mark"},
		"master key, unseen": {func(c *Config) { c.MasterKey = "cana\u200bry" }, "MasterKey", "an invisible character (U+200B)"},
		"master key, no-break space": {
			func(c *Config) { c.MasterKeys = map[int64]string{7: "cana\u00a0ry"} }, "MasterKeys",
			"an invisible character (U+00A0); type it again, or copy it from the console (product 7)",
		},
		"secret, right-to-left mark": {func(c *Config) { c.AppSecret = "cana\u200fry" }, "AppSecret", "character (U+200F)"},
		"secret, last line":          {func(c *Config) { c.AppSecret = "canary\r\n" }, "AppSecret", "ends with a line break"},
		"secret with newline":        {func(c *Config) { c.AppSecret = "canary\n" }, "AppSecret", "white space around"},
		"secret with control":        {func(c *Config) { c.AppSecret = "cana\x00ry" }, "AppSecret", "control character"},
		"master key, blank":          {func(c *Config) { c.MasterKey = " canary" }, "MasterKey", "white space around"},
		"master keys, empty":         {func(c *Config) { c.MasterKeys = map[int64]string{7: ""} }, "MasterKeys", "is missing (product 7)"},
		"master keys, newline": {
			func(c *Config) { c.MasterKeys = map[int64]string{7: "cana\nry"} }, "MasterKeys",
			"control character (product 7)",
		},
		"endpoint":          {func(c *Config) { c.Endpoint = "platform.test" }, "Endpoint", "https://HOST"},
		"request timeout":   {func(c *Config) { c.RequestTimeout = -1 }, "RequestTimeout", "positive"},
		"concurrency, low":  {func(c *Config) { c.MaxConcurrentRequests = -1 }, "MaxConcurrentRequests", "between 1 and 64"},
		"concurrency, high": {func(c *Config) { c.MaxConcurrentRequests = 65 }, "MaxConcurrentRequests", "between 1 and 64"},
		"page size, low":    {func(c *Config) { c.PageSize = -1 }, "PageSize", "between 1 and 1000"},
		"page size, high":   {func(c *Config) { c.PageSize = 1001 }, "PageSize", "between 1 and 1000"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := testConfig(nil)
			c.change(&config)
			client, err := New(config)
			wrong, ok := errors.AsType[*ConfigError](err)
			if client != nil || !ok {
				t.Fatalf("got %v, %v, want a *ConfigError", client, err)
			}
			if wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) {
				t.Errorf("got %s %q, want %s %q", wrong.Field, wrong.Problem, c.field, c.problem)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "cana") {
				t.Errorf("the error repeats the secret: %s", err)
			}
		})
	}
}

// Characters that a font may lack are not invisible.
func TestVisibleCharactersAreNoProblem(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a b", "\ue000", "\u0378", "钥匙"} {
		if problem := credentialProblem(value, true); problem != "" {
			t.Errorf("%q %s", value, problem)
		}
	}
}

func TestNewReportsEveryFieldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Endpoint: "ftp://x", AppKey: " ", AppSecret: " ", PageSize: -1})
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
		c.endpoint.String(), c.config.Operator, c.config.RequestTimeout, c.config.RetryBudget, float64(c.limits.rate.Limit()),
		c.limits.rate.Burst(), c.Concurrency(), c.PageSize(),
	}
	want := []any{
		"https://ag-api.ctwing.cn", "terraform", time.Minute, 5 * time.Minute, 10.0,
		10, 4, 1000,
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
		t.Errorf("got %q, want %q: the caller has changed its map", got, before[testProduct])
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text      string
		allowHTTP bool
		want      string // "" if the text is invalid
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
		"only a port":        {"https://:443", false, "", "form https://HOST"},
		"user":               {"https://canary:x@h", false, "", "user name"},
		"path":               {"https://h/aep_upgrade_management", false, "", "without path"},
		"query":              {"https://h?MasterKey=canary", false, "", "without path"},
		"fragment":           {"https://h#canary", false, "", "without path"},
		"no valid URL":       {"https://h:canary", false, "", "form https://HOST"},
		"control characters": {"https://h\n", false, "", "form https://HOST"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := testConfig(nil)
			config.Endpoint, config.AllowHTTP = c.text, c.allowHTTP
			client, err := New(config)
			if c.problem == "" {
				if err != nil || client.endpoint.String() != c.want {
					t.Errorf("got %v, %v, want the endpoint %s", client, err, c.want)
				}
				return
			}
			wrong, ok := errors.AsType[*ConfigError](err)
			if !ok || wrong.Field != "Endpoint" || !strings.Contains(wrong.Problem, c.problem) || strings.Contains(wrong.Problem, "canary") {
				t.Fatalf("got %v, want the problem %q", err, c.problem)
			}
			if plain := strings.HasPrefix(c.text, "http:"); (wrong.Permit == "AllowHTTP") != plain {
				t.Errorf("got the permit %q for %s, want AllowHTTP: %t", wrong.Permit, c.text, plain)
			}
		})
	}
}

func TestParseEndpointOfNothing(t *testing.T) {
	t.Parallel()
	if u, problem := ParseEndpoint(""); u != nil || !strings.Contains(problem, "form https://HOST") {
		t.Errorf("got %v with the problem %q, want a problem", u, problem)
	}
}

func FuzzParseEndpoint(f *testing.F) {
	seeds := []string{
		"", DefaultEndpoint, "http://127.0.0.1:1/", "http://h", "https://u:p@h", "https://[::1%25eth0]", "//h", "https:h", "https://%41",
	}
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, problem := ParseEndpoint(text)
		if (u == nil) != (problem != "") {
			t.Fatalf("%q: got %v with the problem %q", text, u, problem)
		}
		if u == nil {
			return
		}
		again, problem := ParseEndpoint(u.String())
		if problem != "" || again.Host != u.Host || again.Scheme != u.Scheme {
			t.Errorf("%q is read as %q, and that as %v, %s", text, u, again, problem)
		}
		if u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Path != "" || u.RawQuery != "" {
			t.Errorf("%q is accepted as %#v", text, u)
		}
	})
}
