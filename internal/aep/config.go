package aep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
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
	MaxPageSize                  = 1000
)

// Config is an account and how to use it. The zero value of a field means its default, except where the field
// says otherwise.
type Config struct {
	// AppKey and AppSecret sign every call. Without both, a call fails before it is sent.
	AppKey    string
	AppSecret string
	// MasterKey is for products without a key of their own in MasterKeys.
	MasterKey  string
	MasterKeys map[int64]string // by product id

	Endpoint  string // scheme and host of the platform
	AllowHTTP bool   // permits plain http to another machine
	Operator  string // the platform records it as createBy and updateBy

	RequestTimeout        time.Duration // of one attempt
	RetryBudget           time.Duration // of one call with all its attempts; negative: one attempt
	RequestsPerSecond     float64       // negative: no limit
	MaxConcurrentRequests int
	PageSize              int // rows to ask for in a page; 0: learned from the platform

	ReadOnly  bool // refuses every write before it is sent
	UserAgent string

	// Transport sends the requests. nil means TLS 1.2 or later, proxies from the environment, and enough idle
	// connections for MaxConcurrentRequests.
	Transport http.RoundTripper
	// Observe is called after every attempt. It may be nil.
	Observe func(context.Context, Attempt)
	// Origin returns where the value of a field was set, for the errors about it. The product is that of a
	// member of MasterKeys, and otherwise 0. It may be nil.
	Origin func(field string, productID int64) string
}

func (c Config) observe(ctx context.Context, attempt Attempt) {
	if c.Observe != nil {
		c.Observe(ctx, attempt)
	}
}

// Attempt is one request and its outcome. It has no field for headers or bodies, so a log of attempts can't
// contain a secret.
type Attempt struct {
	Operation  string
	Method     string
	Path       string
	ProductID  int64
	TaskID     int64
	Number     int // 1 for the first attempt of a call
	HTTPStatus int // 0 without a response
	Code       string
	Duration   time.Duration
	Failure    string // "" on success
}

// ConfigError is a field of a Config with an invalid value.
type ConfigError struct {
	Field   string // name of the Config field
	Problem string // predicate of a sentence, such as "is missing"
	Permit  string // name of the Config field that permits the value, "" if none
}

func (e *ConfigError) Error() string { return e.Field + " " + e.Problem }

func (c Config) withDefaults() Config {
	orDefault(&c.Endpoint, DefaultEndpoint)
	orDefault(&c.Operator, DefaultOperator)
	orDefault(&c.RequestTimeout, DefaultRequestTimeout)
	orDefault(&c.RetryBudget, DefaultRetryBudget)
	orDefault(&c.RequestsPerSecond, DefaultRequestsPerSecond)
	orDefault(&c.MaxConcurrentRequests, DefaultMaxConcurrentRequests)
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

// check returns the endpoint. Its error joins one *ConfigError for each invalid field.
func (c Config) check() (*url.URL, error) {
	endpoint, problem := ParseEndpoint(c.Endpoint)
	errs := []error{
		invalid("Endpoint", problem),
		c.checkPlainHTTP(endpoint),
		invalid("AppKey", credentialProblem(c.AppKey, false)),
		invalid("AppSecret", credentialProblem(c.AppSecret, false)),
		invalid("MasterKey", credentialProblem(c.MasterKey, false)),
	}
	for product, key := range c.MasterKeys {
		if problem := credentialProblem(key, true); problem != "" {
			errs = append(errs, invalid("MasterKeys", fmt.Sprintf("%s (product %d)", problem, product)))
		}
	}
	if c.RequestTimeout < 0 {
		errs = append(errs, invalid("RequestTimeout", "must be positive"))
	}
	errs = append(errs,
		invalid("MaxConcurrentRequests", rangeProblem(c.MaxConcurrentRequests, MaxConcurrentRequests)),
		invalid("PageSize", rangeProblem(cmp.Or(c.PageSize, MaxPageSize), MaxPageSize)))
	return endpoint, errors.Join(errs...)
}

// invalid returns a *ConfigError, or nil if there is no problem.
func invalid(field, problem string) error {
	if problem == "" {
		return nil
	}
	return &ConfigError{Field: field, Problem: problem}
}

func rangeProblem(value, most int) string {
	if value >= 1 && value <= most {
		return ""
	}
	return fmt.Sprintf("must be between 1 and %d", most)
}

// ParseEndpoint reads an endpoint of the form http[s]://HOST[:PORT]. Its second result is the problem with
// the text, "" if there is none.
func ParseEndpoint(text string) (*url.URL, string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, "must have the form https://HOST, such as " + DefaultEndpoint
	case u.User != nil:
		return nil, "must not contain a user name or password"
	case u.Path != "" && u.Path != "/", u.RawQuery != "", u.Fragment != "":
		return nil, "must be scheme and host only, without path, query or fragment"
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Sprintf("has the scheme %q; it must be https, or http to this machine", u.Scheme)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, ""
}

// checkPlainHTTP permits plain http to this machine, and with AllowHTTP to any.
func (c Config) checkPlainHTTP(endpoint *url.URL) error {
	if endpoint == nil || endpoint.Scheme == "https" || c.AllowHTTP || isLoopback(endpoint.Hostname()) {
		return nil
	}
	return &ConfigError{
		Field: "Endpoint", Permit: "AllowHTTP",
		Problem: "uses plain http to another machine, which shows the MasterKey to everyone on the way; use https",
	}
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
