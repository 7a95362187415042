package simulator

// Inject arms faults. The first fault that selects a request applies.
func (p *Platform) Inject(scripted ...Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for _, f := range scripted {
		left := f.Times
		if left == 0 {
			left = 1
		}
		p.faults.armed = append(p.faults.armed, &armed{Fault: f, skip: f.Skip, left: left})
	}
}

// ClearFaults disarms every fault and ends an outage.
func (p *Platform) ClearFaults() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.armed = nil
	p.faults.outage.Store(int32(outageNone))
}

// SetOutage starts or ends an outage in which every request gets HTTP 503.
func (p *Platform) SetOutage(on bool) {
	p.setOutage(on, outage503)
}

// SetOutageRefused starts or ends an outage in which every connection is
// refused.
func (p *Platform) SetOutageRefused(on bool) {
	p.setOutage(on, outageRefused)
}

// SetNullOutage starts or ends an outage in which every read gets code 0
// without a result. Quirks.NullReads chooses the result. The gateway's checks
// and the writes work.
func (p *Platform) SetNullOutage(on bool) {
	p.setOutage(on, outageNull)
}

func (p *Platform) setOutage(on bool, kind outage) {
	if !on {
		kind = outageNone
	}
	p.faults.outage.Store(int32(kind))
}

// BeforeRequest adds a function that is called for each request before it is
// served. The function may call all methods of the platform.
func (p *Platform) BeforeRequest(hook func(Request)) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.before = append(p.journal.before, hook)
}

// AfterRequest adds a function that is called at the end of each request, also
// of one that the gateway has refused. Calls may be concurrent, and come after
// a response that was cut.
func (p *Platform) AfterRequest(hook func(Request)) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.ended = append(p.journal.ended, hook)
}

// AfterProcessed adds a function that is called for each processed request
// before the response. The function may call all methods of the platform.
func (p *Platform) AfterProcessed(hook func(Request)) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.after = append(p.journal.after, hook)
}
