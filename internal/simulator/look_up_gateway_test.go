package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// eachLookUp runs a test with every look-up in a platform of its own.
func eachLookUp(t *testing.T, options Options, test func(t *testing.T, p *Platform, c *caller, op string)) {
	t.Helper()
	for op := range lookUpDocument {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			inBubble(t, options, func(t *testing.T, p *Platform, c *caller) { test(t, p, c.meters(), op) })
		})
	}
}

func TestLookUpsAreJournaled(t *testing.T) {
	t.Parallel()
	if got := append(LookUpOperations(), oldGroupList); len(got) != len(lookUpDocument) || len(CampaignOperations()) != 10 {
		t.Errorf("look-ups: got %d, want %d; campaign: got %d, want 10", len(got), len(lookUpDocument), len(CampaignOperations()))
	}
	eachLookUp(t, Options{}, func(t *testing.T, p *Platform, c *caller, op string) {
		c.ok(op, accepted[op], acceptedBody(op))
		r := p.Requests()[0]
		wantEqual(t, "operation", r.Operation, strings.TrimSuffix(op, " of 2019"))
		wantEqual(t, "service", r.Service, strings.Split(documented(op).path, "/")[1])
		wantEqual(t, "look-up, write, processed", [3]bool{r.LookUp, r.Write, r.Processed}, [3]bool{true, false, true})
		wantEqual(t, "IsLookUp, IsCampaign, IsRead", [3]bool{IsLookUp(r), IsCampaign(r), IsRead(r)}, [3]bool{true, false, true})
		wantEqual(t, "job", r.JobID, 0)
		wantEqual(t, "undeclared MasterKey", r.UndeclaredKey, false)
		wantEqual(t, "writes", len(p.Writes()), 0)
		wantEqual(t, "is in LookUpOperations", slices.Contains(LookUpOperations(), r.Operation), true)
		wantEqual(t, "is in CampaignOperations", slices.Contains(CampaignOperations(), r.Operation), false)
	})
	inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
		c.ok(OpTasks, pairs("productId", "10005977"), "")
		r := p.Requests()[0]
		wantEqual(t, "service", r.Service, "aep_upgrade_management")
		wantEqual(t, "look-up", r.LookUp || IsLookUp(r) || !IsCampaign(r), false)
	})
}

// TestLookUpsAreSigned changes each part of a signed request.
func TestLookUpsAreSigned(t *testing.T) {
	t.Parallel()
	eachLookUp(t, Options{}, func(t *testing.T, _ *Platform, c *caller, op string) {
		send := func(change func(*http.Request)) int {
			c.change = change
			return c.call(op, accepted[op], acceptedBody(op)).status
		}
		for _, name := range documented(op).query {
			wantEqual(t, "HTTP status with a changed "+name, send(func(r *http.Request) {
				query := r.URL.Query()
				query.Set(name, query.Get(name)+"1")
				r.URL.RawQuery = query.Encode()
			}), http.StatusUnauthorized)
		}
		wantEqual(t, "HTTP status with an undeclared parameter", send(func(r *http.Request) {
			r.URL.RawQuery += "&firmwareVersion="
		}), http.StatusBadRequest)
		wantEqual(t, "HTTP status with another version", send(func(r *http.Request) {
			r.Header.Set("version", "20190615001406")
		}), http.StatusNotFound)
		wantEqual(t, "HTTP status of another service", send(func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "_management", "_managements", 1)
		}), http.StatusNotFound)
		c.secret = "wrong"
		wantEqual(t, "HTTP status with a wrong secret", send(nil), http.StatusUnauthorized)
		c.secret, c.skew = DefaultAppSecret, time.Minute
		wantEqual(t, "HTTP status with a wrong time", send(nil), http.StatusUnauthorized)
	})
}

func TestMasterKeyOfLookUps(t *testing.T) {
	t.Parallel()
	const required = "Required head parameter 'MasterKey' can not be null"
	eachLookUp(t, Options{}, func(t *testing.T, p *Platform, c *caller, op string) {
		switch documented(op).key {
		case "none":
			c.change = func(r *http.Request) { r.Header.Set("MasterKey", LwM2MMasterKey) }
			a := c.call(op, accepted[op], acceptedBody(op))
			wantEqual(t, "HTTP status with MasterKey", a.status, http.StatusBadRequest)
			wantEqual(t, "words", a.header.Get("x-ag-message"), "Head parameter 'MasterKey' is not declared")
			wantEqual(t, "journal: undeclared MasterKey", p.Requests()[0].UndeclaredKey, true)
			p.Configure(func(o *Options) { o.LookUps.AcceptUndeclaredKey = true })
			c.ok(op, accepted[op], acceptedBody(op))
		case "required":
			c.masterKey = ""
			a := c.call(op, accepted[op], acceptedBody(op))
			wantEqual(t, "HTTP status without MasterKey", a.status, http.StatusBadRequest)
			wantEqual(t, "words", a.header.Get("x-ag-message"), required)
		default:
			c.masterKey = ""
			c.ok(op, accepted[op], acceptedBody(op))
			p.Configure(func(o *Options) { o.RequireMasterKey = true })
			wantEqual(t, "words if required", c.call(op, accepted[op], acceptedBody(op)).header.Get("x-ag-message"), required)
		}
		if documented(op).key != "none" {
			c.masterKey = TLinkMasterKey
			wantEqual(t, "HTTP status with another MasterKey", c.call(op, accepted[op], acceptedBody(op)).status, http.StatusForbidden)
		}
	})
}

// TestUndeclaredMasterKeyIsNotSigned signs a MasterKey that an operation does
// not declare.
func TestUndeclaredMasterKeyIsNotSigned(t *testing.T) {
	t.Parallel()
	for _, received := range []bool{false, true} {
		options := Options{LookUps: LookUps{AcceptUndeclaredKey: true}, Quirks: Quirks{SignReceived: received}}
		inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
			c.change = func(r *http.Request) {
				r.Header.Set("MasterKey", LwM2MMasterKey)
				r.Header.Set("signature", c.sign("application:"+DefaultAppKey+"\ntimestamp:"+r.Header.Get("timestamp")+
					"\nMasterKey:"+LwM2MMasterKey+"\nproductId:10005977\n"))
			}
			wantEqual(t, "HTTP status", c.call(OpProduct, accepted[OpProduct], "").status, http.StatusUnauthorized)
		})
	}
}

func TestUnsubscribedServices(t *testing.T) {
	t.Parallel()
	for way, want := range map[Unsubscribed]struct {
		status, code int
		words        string
	}{
		Unsubscribed403:      {403, 0, "API not subscribed: aep_firmware_management"},
		Unsubscribed401:      {401, 0, "Unauthorized: aep_firmware_management"},
		Unsubscribed404:      {404, 0, "API not found: GET /aep_firmware_management/firmwares"},
		Unsubscribed400:      {400, 0, "Application dAaFG7DiPt8 has not subscribed to API QueryFirmwareList"},
		UnsubscribedBusiness: {200, CodeUnsubscribed, "应用未订阅服务: aep_firmware_management"},
	} {
		options := Options{LookUps: LookUps{Unsubscribed: map[string]Unsubscribed{FirmwareService: way}}}
		inBubble(t, options, func(t *testing.T, p *Platform, c *caller) {
			a := c.meters().call(OpFirmwareList, accepted[OpFirmwareList], "")
			wantEqual(t, "HTTP status", a.status, want.status)
			wantEqual(t, "code", a.Code, want.code)
			wantEqual(t, "words", a.header.Get("x-ag-message")+a.Msg, want.words)
			r := p.Requests()[0]
			wantEqual(t, "journal: processed, succeeded", [2]bool{r.Processed, r.Succeeded}, [2]bool{})
			for op := range lookUpDocument {
				if !strings.Contains(documented(op).path, FirmwareService) {
					c.ok(op, accepted[op], acceptedBody(op))
				}
			}
			c.ok(OpTasks, pairs("productId", "10005977"), "")
		})
	}
}

// TestFaultsMeetLookUps checks faults, flow control and latency.
func TestFaultsMeetLookUps(t *testing.T) {
	t.Parallel()
	eachLookUp(t, Options{Latency: time.Second, Flow: FlowControl{PerSecond: 1}}, func(t *testing.T, p *Platform, c *caller, op string) {
		send := func() int { return c.call(op, accepted[op], acceptedBody(op)).status }
		start := time.Now()
		wantEqual(t, "HTTP status", send(), http.StatusOK)
		wantEqual(t, "latency", time.Since(start), time.Second)
		p.Inject(
			Fault{Kind: StatusBefore, Status: 502, When: IsCampaign},
			Fault{Kind: StatusBefore, Status: 500, When: IsLookUp},
			Fault{Kind: StatusBefore, Status: 504, Operation: strings.TrimSuffix(op, " of 2019")},
		)
		wantEqual(t, "HTTP status with a fault for look-ups", send(), 500)
		wantEqual(t, "HTTP status with a fault for the operation", send(), 504)
		wantEqual(t, "faults left", p.ArmedFaults(), 1)
		p.SetNullOutage(true)
		wantEqual(t, "result during an outage", string(c.call(op, accepted[op], acceptedBody(op)).Result), "null")
		p.SetNullOutage(false)
		p.Configure(func(o *Options) { o.Latency = 0 })
		time.Sleep(time.Second)
		wantEqual(t, "HTTP status of the first call in a second", send(), http.StatusOK)
		wantEqual(t, "HTTP status of the second call in it", send(), http.StatusTooManyRequests)
	})
}
