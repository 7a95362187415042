package simulator

// Requests returns everything that arrived, in order of hiddenRows.
func (p *Platform) Requests() []Request {
	j := &p.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	entries := j.entries
	if j.limit > 0 && len(entries) > j.limit {
		entries = entries[len(entries)-j.limit:]
	}
	all := make([]Request, len(entries))
	for i, r := range entries {
		all[i] = *r
	}
	return all
}

// Writes returns the requests that arrived to change something.
func (p *Platform) Writes() []Request {
	var writes []Request
	for _, r := range p.Requests() {
		if r.Write {
			writes = append(writes, r)
		}
	}
	return writes
}

// Count returns how often an operation arrived.
func (p *Platform) Count(operation string) int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.counts[operation]
}

// RefusedDials returns how many attempts met ConnectionRefused on their way.
func (p *Platform) RefusedDials() int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.refused
}

// MaxInFlight returns the highest number of requests that were served at the
// same time, an uncounted Echo left out.
func (p *Platform) MaxInFlight() int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.maxInFlight
}

// ArmedFaults returns how many faults have not been spent, so that a test
// can tell that its fault has fired.
func (p *Platform) ArmedFaults() int {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	count := 0
	for _, a := range p.faults.armed {
		if a.left != 0 {
			count++
		}
	}
	return count
}

// ResetJournal forgets the requests that arrived, the counters, and the
// highest number in flight. Indexes begin at 0 again.
func (p *Platform) ResetJournal() {
	j := &p.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.counts, j.next, j.refused = nil, nil, 0, 0
	j.maxInFlight = j.inFlight
}
