package simulator

import "time"

// Configure changes the options of a running platform. Products,
// ClockOffset and JournalLimit have no effect here; a task keeps the code
// table with which it was made.
func (p *Platform) Configure(change func(*Options)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance(time.Now())
	change(&p.options)
	p.options.fill()
}

// SetClockOffset sets how far the platform's clock is ahead of time.Now. The
// devices' progress does not jump with it.
func (p *Platform) SetClockOffset(offset time.Duration) {
	p.clockOffset.Store(int64(offset))
}

// Inject arms faults. The first of those that match a request meets it.
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

// SetOutage makes every request meet HTTP 503 from now on, or no more.
func (p *Platform) SetOutage(on bool) {
	p.setOutage(on, outage503)
}

// SetOutageRefused makes every connection be refused from now on, or no more.
func (p *Platform) SetOutageRefused(on bool) {
	p.setOutage(on, outageRefused)
}

// SetNullOutage makes every read answer code 0 without a result from now on, or
// no more. The gateway checks as ever, and writes are served. Quirks.NullReads
// chooses the result.
func (p *Platform) SetNullOutage(on bool) {
	p.setOutage(on, outageNull)
}

func (p *Platform) setOutage(on bool, kind outage) {
	if !on {
		kind = outageNone
	}
	p.faults.outage.Store(int32(kind))
}

// BeforeRequest calls a function for each request that has arrived and has
// not been looked at. The function may use the platform's back doors.
func (p *Platform) BeforeRequest(hook func(Request)) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.before = append(p.journal.before, hook)
}

// AfterProcessed calls a function for each request that was processed and
// has not been answered. The function may use the platform's back doors.
func (p *Platform) AfterProcessed(hook func(Request)) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	p.journal.after = append(p.journal.after, hook)
}
