package aep

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Defaults and bounds of Config.
const (
	DefaultEndpoint              = "https://ag-api.ctwing.cn"
	DefaultOperator              = "terraform"
	DefaultRequestTimeout        = 60 * time.Second
	DefaultRetryBudget           = 5 * time.Minute
	DefaultRequestsPerSecond     = 10
	DefaultMaxConcurrentRequests = 4
	MaxConcurrentRequests        = 64
	DefaultPageSize              = 100
	MaxPageSize                  = 1000
)

// Config says which account to use, where, and how hard. The zero value of a
// field means its default, except where the field says otherwise.
type Config struct {
	AppKey    string
	AppSecret string
	// MasterKey goes with every product that has no key of its own in MasterKeys.
	MasterKey  string
	MasterKeys map[int64]string

	// Endpoint is scheme and host of the platform.
	Endpoint string
	// AllowHTTP permits plain http to a host other than this machine.
	AllowHTTP bool
	// Operator is recorded by the platform as createBy and updateBy.
	Operator string

	RequestTimeout time.Duration // of one attempt
	RetryBudget    time.Duration // of one call with all its attempts; negative: one attempt
	// RequestsPerSecond limits the rate; negative: no limit.
	RequestsPerSecond     float64
	MaxConcurrentRequests int
	PageSize              int

	// ReadOnly refuses every write before it is sent.
	ReadOnly  bool
	UserAgent string

	// Transport carries the requests; nil means TLS 1.2 or later, proxies from
	// the environment, and enough idle connections for MaxConcurrentRequests.
	Transport http.RoundTripper
	// Observe is told of every attempt when it has ended; it may be nil.
	Observe func(context.Context, Attempt)
}

// Attempt is one request and what became of it. It has no room for headers or
// bodies, so a log of attempts cannot hold a secret.
type Attempt struct {
	Operation  string
	Method     string
	Path       string
	ProductID  int64
	TaskID     int64
	Number     int // 1 for the first attempt of a call
	HTTPStatus int // 0 if there was no answer
	Code       string
	Duration   time.Duration
	Failure    string // "" on success
}

// ConfigError is one field of a Config that can't be used.
type ConfigError struct {
	Field   string // the name of the Config field
	Problem string
}

func (e *ConfigError) Error() string { return e.Field + " " + e.Problem }

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config   Config
	endpoint *url.URL
	http     *http.Client
	clock    *clock
	limiter  *rate.Limiter
	slots    chan struct{}
	writes   keyedLock
	outage   outage
	redactor *strings.Replacer
}

// New checks config, fills in its defaults and returns a client; it sends
// nothing. Its error joins one *ConfigError for each field at fault.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	endpoint, err := config.check()
	if err != nil {
		return nil, err
	}
	limit := rate.Limit(config.RequestsPerSecond)
	if config.RequestsPerSecond < 0 {
		limit = rate.Inf
	}
	transport := config.Transport
	if transport == nil {
		transport = newTransport(config)
	}
	c := &Client{
		config:   config,
		endpoint: endpoint,
		http: &http.Client{
			Transport: transport,
			// net/http would hand our own headers, MasterKey among them, to
			// wherever a redirect points.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		// Half a second's worth may go out at once: a plan of a few calls need
		// not wait, and no second sees more than half as many again.
		limiter:  rate.NewLimiter(limit, max(1, int(config.RequestsPerSecond/2))),
		slots:    make(chan struct{}, config.MaxConcurrentRequests),
		redactor: newRedactor(config),
	}
	c.clock = &clock{measure: c.measureOffset}
	return c, nil
}

func (c Config) withDefaults() Config {
	orDefault(&c.Endpoint, DefaultEndpoint)
	orDefault(&c.Operator, DefaultOperator)
	orDefault(&c.RequestTimeout, DefaultRequestTimeout)
	orDefault(&c.RetryBudget, DefaultRetryBudget)
	orDefault(&c.RequestsPerSecond, DefaultRequestsPerSecond)
	orDefault(&c.MaxConcurrentRequests, DefaultMaxConcurrentRequests)
	orDefault(&c.PageSize, DefaultPageSize)
	orDefault(&c.UserAgent, "terraform-provider-aep")
	c.MasterKeys = maps.Clone(c.MasterKeys)
	return c
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c Config) check() (*url.URL, error) {
	endpoint, problem := ParseEndpoint(c.Endpoint, c.AllowHTTP)
	errs := []error{
		configError("Endpoint", problem),
		configError("AppKey", credentialProblem(c.AppKey, true)),
		configError("AppSecret", credentialProblem(c.AppSecret, true)),
		configError("MasterKey", credentialProblem(c.MasterKey, false)),
	}
	for product, key := range c.MasterKeys {
		if problem := credentialProblem(key, true); problem != "" {
			errs = append(errs, configError("MasterKeys", fmt.Sprintf("%s (product %d)", problem, product)))
		}
	}
	if c.RequestTimeout < 0 {
		errs = append(errs, configError("RequestTimeout", "must be positive"))
	}
	if c.MaxConcurrentRequests < 1 || c.MaxConcurrentRequests > MaxConcurrentRequests {
		errs = append(errs, configError("MaxConcurrentRequests", fmt.Sprintf("must be between 1 and %d", MaxConcurrentRequests)))
	}
	if c.PageSize < 1 || c.PageSize > MaxPageSize {
		errs = append(errs, configError("PageSize", fmt.Sprintf("must be between 1 and %d", MaxPageSize)))
	}
	return endpoint, errors.Join(errs...)
}

func configError(field, problem string) error {
	if problem == "" {
		return nil
	}
	return &ConfigError{Field: field, Problem: problem}
}

func credentialProblem(value string, required bool) string {
	switch {
	case value == "" && required:
		return "is missing"
	case strings.TrimSpace(value) != value:
		return "has white space around it"
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "contains a control character"
	}
	return ""
}

// ParseEndpoint reads an endpoint: https://HOST[:PORT], or http:// where HOST is
// this machine or allowHTTP is true. The second result says what is wrong, "" if nothing.
func ParseEndpoint(text string, allowHTTP bool) (*url.URL, string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, "must have the form https://HOST, such as " + DefaultEndpoint
	case u.User != nil:
		return nil, "must not contain a user name or password"
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return nil, "must be scheme and host alone, without path, query or fragment"
	case u.Scheme == "https":
	case u.Scheme != "http":
		return nil, fmt.Sprintf("has the scheme %q; allowed are https, and http to this machine", u.Scheme)
	case !allowHTTP && !isLoopback(u.Hostname()):
		return nil, "uses plain http to another machine, which would show the MasterKey to everyone on the way; use https, or allow_http if you must"
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, ""
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Now returns the time on the platform's clock.
func (c *Client) Now(ctx context.Context) time.Time {
	return time.Now().Add(c.clock.current(ctx))
}

// Concurrency returns how many requests may be under way at once.
func (c *Client) Concurrency() int { return c.config.MaxConcurrentRequests }

// PageSize returns how many rows the client asks for in a page.
func (c *Client) PageSize() int { return c.config.PageSize }

// ReadOnly reports whether the client refuses every write.
func (c *Client) ReadOnly() bool { return c.config.ReadOnly }

func (c *Client) observe(ctx context.Context, attempt Attempt) {
	if c.config.Observe != nil {
		c.config.Observe(ctx, attempt)
	}
}
