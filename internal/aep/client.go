package aep

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/syncs"
)

// Client calls the API. It is safe for concurrent use.
type Client struct {
	config    Config
	endpoint  *url.URL
	http      *http.Client
	clock     *clock
	limits    *limits
	writes    syncs.Locks[TaskKey]
	services  *serviceStates
	sanitizer *sanitizer
}

// New checks config, fills in its defaults and returns a client. It sends nothing. Its error joins one
// *ConfigError for each invalid field.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	endpoint, err := config.check()
	if err != nil {
		return nil, err
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
			// net/http would send this client's headers, MasterKey among them, to the target of a redirect.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		limits:    newLimits(config),
		services:  &serviceStates{pageSize: config.PageSize, responded: new(atomic.Bool)},
		sanitizer: newSanitizer(config),
	}
	echo := &echo{
		config: config, endpoint: endpoint, http: c.http, limits: c.limits, responded: c.services.responded, sanitizer: c.sanitizer,
	}
	c.clock = &clock{measure: echo.offset}
	return c, nil
}

// Now returns the time on the platform's clock.
func (c *Client) Now(ctx context.Context) time.Time {
	return time.Now().Add(c.clock.current(ctx))
}

// Latency returns how long the upgrade API takes for a call: the median of the last successful attempts. Waits
// for slots and the rate limit are left out. It returns false before the first.
func (c *Client) Latency() (time.Duration, bool) {
	return c.services.of(upgradeService).latencies.median()
}

// RequestsPerSecond returns the rate limit of the client, 0 if there is none.
func (c *Client) RequestsPerSecond() float64 { return max(0, c.config.RequestsPerSecond) }

// Concurrency returns how many requests the client sends at once.
func (c *Client) Concurrency() int { return c.config.MaxConcurrentRequests }

// PageSize returns how many rows a page of a list of the upgrade API has, as far as known.
func (c *Client) PageSize() int { return c.services.of(upgradeService).pageSizes.rows() }
