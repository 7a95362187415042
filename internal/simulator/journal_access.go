package simulator

// Requests returns the requests in the journal, in order of arrival.
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

// Writes returns the requests of operations that change something.
func (p *Platform) Writes() []Request {
	var writes []Request
	for _, r := range p.Requests() {
		if r.Write {
			writes = append(writes, r)
		}
	}
	return writes
}

// Count returns the number of requests of an operation.
func (p *Platform) Count(operation string) int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.counts[operation]
}

// RefusedDials returns the number of attempts that met ConnectionRefused.
func (p *Platform) RefusedDials() int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.refused
}

// MaxInFlight returns the highest number of requests that were served at the
// same time. An Echo without an index is not counted.
func (p *Platform) MaxInFlight() int {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	return p.journal.maxInFlight
}

// ArmedFaults returns the number of faults that have not been used up. A test
// can check with it that its fault applied.
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

// ResetJournal deletes the requests and the counters. Indexes begin at 0
// again.
func (p *Platform) ResetJournal() {
	j := &p.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.counts, j.next, j.refused = nil, nil, 0, 0
	j.maxInFlight = j.inFlight
}
