package aep

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// oneService returns a step that responds to one service with its own step.
func oneService(service string, its, others step) step {
	return func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/"+service+"/") {
			return its(r)
		}
		return others(r)
	}
}

// atMost returns a step that refuses pages above a size.
func atMost(rows int, list string) step {
	return func(r *http.Request) (*http.Response, error) {
		if size, _ := strconv.Atoi(r.URL.Query().Get("pageSize")); size > rows {
			return respond(http.StatusBadRequest, "pageSize")(r)
		}
		return ok(list)(r)
	}
}

// What one service refuses or cuts short does not change the pages of another.
func TestServicesKeepTheirPageSizes(t *testing.T) {
	t.Parallel()
	lists := map[string]string{
		"QueryProductList": "aep_product_management", "QueryFirmwareList": "aep_firmware_management",
		"QueryDeviceGroupList": "aep_device_group_management", "QueryDeviceList": "aep_device_management",
	}
	for name, service := range lists {
		for way, c := range map[string]struct {
			serve step
			asked string // sizes of the pages of two lists
			rows  int
		}{
			"refused":   {atMost(40, `{"total":0,"list":[]}`), "100 40 40", 0},
			"cut short": {oneRowAPage, "100 1 1 100 1 1", 3},
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				platform := play(oneService(service, c.serve, ok(`{"total":0,"list":[]}`)))
				client := newClient(t, platform, oneAtATime)
				for range 2 {
					if rows, err := lookUps[name](t.Context(), client); err != nil || rows != c.rows {
						t.Fatalf("got %d rows, %v, want %d", rows, err, c.rows)
					}
				}
				for other := range lists {
					if other != name {
						_, _ = lookUps[other](t.Context(), client)
					}
				}
				if _, err := client.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0); err != nil || client.PageSize() != 1000 {
					t.Errorf("the upgrade API: got pages of %d, %v, want 1000", client.PageSize(), err)
				}
				sizes := map[string][]string{}
				for _, r := range platform.sent() {
					of := strings.Split(r.URL.Path, "/")[1]
					sizes[of] = append(sizes[of], r.URL.Query().Get("pageSize"))
				}
				for of, got := range sizes {
					want := map[string]string{service: c.asked, "aep_upgrade_management": "1000"}[of]
					if want == "" {
						want, got = "100", got[:1]
					}
					if strings.Join(got, " ") != want {
						t.Errorf("%s was asked for pages of %v rows, want %s", of, got, want)
					}
				}
			})
		}
	}
}

// oneRowAPage serves a list of three rows of every kind.
func oneRowAPage(r *http.Request) (*http.Response, error) {
	n := r.URL.Query().Get("pageNow")
	row := `"deviceId":"` + n + `","deviceGroupId":` + n + `,"firmwareId":` + n
	if strings.HasSuffix(r.URL.Path, "/products") {
		row = `"productId":` + n
	}
	return ok(`{"total":3,"list":[{` + row + `}]}`)(r)
}

// A configured page size counts for look-ups up to 100 rows. Above, they ask for 100.
func TestConfiguredPageSizeOfLookUps(t *testing.T) {
	t.Parallel()
	for configured, want := range map[int]string{0: "100", 7: "7", 100: "100", 101: "100", MaxPageSize: "100"} {
		for name := range lookUps {
			platform := play(ok(`{"total":0,"list":[]}`))
			_, _ = lookUps[name](t.Context(), newClient(t, platform, pageSize(configured)))
			if got := platform.sent()[0].URL.Query(); got.Has("pageSize") && got.Get("pageSize") != want {
				t.Errorf("%s with a page size of %d: got %s, want %s", name, configured, got.Get("pageSize"), want)
			}
		}
	}
	platform := play(ok(`{"total":0,"list":[]}`))
	if _, err := newClient(t, platform, pageSize(50)).Products(t.Context(), "", 3); err != nil {
		t.Fatal(err)
	}
	if got := platform.sent()[0].URL.Query().Get("pageSize"); got != "3" {
		t.Errorf("with a limit of 3 rows: got pages of %s", got)
	}
}

// The outage of one service neither stops the calls of another nor takes from the time
// for their retries, and the success of one does not end the outage of another.
func TestServicesFailApart(t *testing.T) {
	t.Parallel()
	call := map[string]func(*testing.T, *Client) error{
		"aep_upgrade_management": func(t *testing.T, c *Client) error {
			t.Helper()
			_, err := c.Tasks(t.Context(), TaskQuery{ProductID: testProduct}, 0)
			return err
		},
		"aep_firmware_management": func(t *testing.T, c *Client) error {
			t.Helper()
			_, err := lookUps["QueryFirmwareList"](t.Context(), c)
			return err
		},
		"aep_product_management": func(t *testing.T, c *Client) error {
			t.Helper()
			_, err := lookUps["QueryProductList"](t.Context(), c)
			return err
		},
	}
	for down, fails := range call {
		for up, works := range call {
			if down == up {
				continue
			}
			t.Run(down+" is down, "+up+" is up", func(t *testing.T) {
				t.Parallel()
				inBubble(t, func(t *testing.T) {
					sound := ok(`{"total":0,"list":[]}`)
					client := newClient(t, play(oneService(down, respond(http.StatusServiceUnavailable, ""),
						func(r *http.Request) (*http.Response, error) { return sound(r) })))
					if err := fails(t, client); !IsTransient(err) || isKind(err, kindBreakerOpen) {
						t.Fatalf("got %v, want HTTP 503", err)
					}
					if err := works(t, client); err != nil {
						t.Errorf("got %v of a service that is up", err)
					}
					if err := fails(t, client); !isKind(err, kindBreakerOpen) {
						t.Errorf("got %v, want an open breaker", err)
					}
					begin := time.Now()
					sound = func(r *http.Request) (*http.Response, error) {
						if time.Since(begin) < 4*time.Minute {
							return respond(http.StatusServiceUnavailable, "")(r)
						}
						return ok(`{"total":0,"list":[]}`)(r)
					}
					if err := works(t, client); err != nil {
						t.Errorf("got %v after %s, want the whole retry budget", err, time.Since(begin))
					}
				})
			})
		}
	}
}

// Latency is that of the upgrade API: the others take longer.
func TestLatencyIsOfTheUpgradeAPI(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		client := newClient(t, play(takes(3*time.Second, ok(`{"total":0,"list":[]}`))))
		for range latencyWindow {
			if _, err := lookUps["QueryProductList"](t.Context(), client); err != nil {
				t.Fatal(err)
			}
		}
		if got, seen := client.Latency(); seen {
			t.Errorf("got %s of look-ups", got)
		}
	})
}

// A service for look-ups may respond with HTTP 401 because the application has not
// subscribed to it. That is no verdict on the clock of this machine.
func TestLookUpIsNoVerdictOnTheClock(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		var ahead time.Duration
		platform := platformClock(&ahead)
		platform.steps[0] = oneService("aep_firmware_management", respond(http.StatusUnauthorized, "not subscribed"), platform.steps[0])
		platform.echo = respond(200, "", "X-Ag-Timestamp", strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10)) // wrong
		client := newClient(t, platform)
		if _, err := lookUps["QueryFirmwareList"](t.Context(), client); !IsUnauthorized(err) {
			t.Fatalf("got %v, want HTTP 401", err)
		}
		if err := start(t, client); err != nil {
			t.Errorf("got %v, want the clock of this machine to be tried", err)
		}
	})
}
