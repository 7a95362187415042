package coretest

import (
	"net/http"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// NamedFault is one fault of the platform or of the network.
type NamedFault struct {
	Name  string
	Fault simulator.Fault
}

// Faults are the faults that one request may meet.
var Faults = []NamedFault{
	{"refused", simulator.Fault{Kind: simulator.ConnectionRefused}},
	{"reset before", simulator.Fault{Kind: simulator.ResetBefore}},
	{"reset after", simulator.Fault{Kind: simulator.ResetAfter}},
	{"401", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusUnauthorized}},
	{"404", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusNotFound}},
	{"429", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusTooManyRequests}},
	{"429 Retry-After", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusTooManyRequests, RetryAfter: "7"}},
	{"500 before", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusInternalServerError}},
	{"500 after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusInternalServerError}},
	{"502 page", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusBadGateway, HTML: true}},
	{"502 page after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusBadGateway, HTML: true}},
	{"503", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable}},
	{"503 Retry-After", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusServiceUnavailable, RetryAfter: "7"}},
	{"504 before", simulator.Fault{Kind: simulator.StatusBefore, Status: http.StatusGatewayTimeout}},
	{"504 after", simulator.Fault{Kind: simulator.StatusAfter, Status: http.StatusGatewayTimeout}},
	{"truncated", simulator.Fault{Kind: simulator.TruncatedJSON}},
	{"null", simulator.Fault{Kind: simulator.NullBody}},
	{"empty body", simulator.Fault{Kind: simulator.EmptyBody}},
	{"empty result", simulator.Fault{Kind: simulator.EmptyResult}},
	{"page with 200", simulator.Fault{Kind: simulator.HTMLPage}},
	{"business error", simulator.Fault{Kind: simulator.BusinessError, Code: 1500, Message: "系统繁忙"}},
	{"hang before", simulator.Fault{Kind: simulator.HangBefore}},
	{"hang after", simulator.Fault{Kind: simulator.HangAfter}},
	{"late", simulator.Fault{Kind: simulator.Late}},
	{"slow body", simulator.Fault{Kind: simulator.SlowBody}},
	{"redirect", simulator.Fault{Kind: simulator.Redirect, Location: "https://elsewhere.example/task"}},
	{"deep JSON", simulator.Fault{Kind: simulator.DeepJSON, Bytes: 20_000}},
}

// outages are faults that begin with one request and last for a time.
var outages = []struct {
	name string
	set  func(*simulator.Platform, bool)
	last time.Duration
}{
	{"503 for 30 s", (*simulator.Platform).SetOutage, 30 * time.Second},
	{"503 for 10 min", (*simulator.Platform).SetOutage, 10 * time.Minute},
	{"refused for 30 s", (*simulator.Platform).SetOutageRefused, 30 * time.Second},
	{"refused for 10 min", (*simulator.Platform).SetOutageRefused, 10 * time.Minute},
}

// Failure is a way for a request to fail.
type Failure struct {
	Name string
	Arm  func(p *simulator.Platform, k int) (disarm func())
	// WritesOnly leaves out reads. For a read the failure is the same as another one, because it does not
	// matter whether the read was processed.
	WritesOnly bool
	// adopt sets adopt_existing. An outage may outlast every retry budget after the
	// platform has created a task. No state holds that task; adopting it is the only way.
	Adopt bool
}

// Failures returns all faults and outages.
func Failures() []Failure {
	var all []Failure
	for _, one := range Faults {
		all = append(all, Failure{
			Name: one.Name, WritesOnly: strings.HasSuffix(one.Name, " after"),
			Arm: func(p *simulator.Platform, k int) func() {
				fault := one.Fault
				fault.When = simulator.AtIndex(k)
				p.Inject(fault)
				return p.ClearFaults
			},
		})
	}
	for _, one := range outages {
		all = append(all, Failure{Name: one.name, Adopt: true, Arm: func(p *simulator.Platform, k int) func() {
			disarmed := false
			p.BeforeRequest(func(r simulator.Request) {
				if r.Index == k && !disarmed {
					one.set(p, true)
					time.AfterFunc(one.last, func() { one.set(p, false) })
				}
			})
			return func() { disarmed = true }
		}})
	}
	return all
}
