package campaign

import "sync"

const (
	// usualBatch is how many ids the first call of a run carries.
	usualBatch = 100
	// maxBatch is the most ids that a call carries unless the caller says otherwise.
	maxBatch = 1000
)

// batchSize decides how many ids one call carries. A configured number is obeyed. Otherwise the number is
// learned, because the API document states no maximum. It starts at usualBatch, and doubles after each call
// that the platform has accepted. After a refusal it falls back to the last number that worked. Operations of
// one kind share what is learned.
type batchSize struct {
	configured int // 0: learned

	mu      sync.Mutex
	worked  int // most ids of an accepted call
	limit   int // most ids to send, 0 if no limit is known
	doubted int // ids of a call whose outcome was left open
}

// batchSizes are the sizes of a run, by kind of operation.
type batchSizes struct{ join, cancel, retry batchSize }

// chosen returns the size for an operation. A caller may configure one. An operation that is not read back
// does not grow, because nothing would show that the platform has cut its calls off.
func (s *batchSize) chosen(configured int, readBack bool) *batchSize {
	switch {
	case configured > 0:
		return &batchSize{configured: configured}
	case !readBack:
		return &batchSize{configured: min(usualBatch, s.next())}
	}
	return s
}

// next returns how many ids the next call may carry.
func (s *batchSize) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := usualBatch
	switch {
	case s.configured > 0:
		size = s.configured
	case s.worked >= usualBatch:
		size = min(2*s.worked, maxBatch)
	}
	if s.limit > 0 {
		size = min(size, s.limit)
	}
	return size
}

// fits reports whether the platform has accepted a call with as many ids.
func (s *batchSize) fits(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n <= s.worked
}

// grown reports whether n ids are more than any call has carried so far, so that their number may be the
// reason of a failure.
func (s *batchSize) grown(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.configured == 0 && n > usualBatch && s.worked >= usualBatch && n > s.worked
}

// smaller returns how many ids to send at once after a call with n ids has failed.
func (s *batchSize) smaller(n int) int {
	if s.grown(n) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.worked
	}
	return (n + 1) / 2
}

// accept records an accepted call with n ids.
func (s *batchSize) accept(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.worked = max(s.worked, n)
}

// restrict records that no call may carry more than n ids.
func (s *batchSize) restrict(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == 0 || n < s.limit {
		s.limit = n
	}
}

// largest returns the most ids of an accepted call, at least 1.
func (s *batchSize) largest() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.worked, 1)
}

// doubt records that a call with n ids has left its outcome open. The second time, n ids are too many: the
// first time may have been an outage.
func (s *batchSize) doubt(n int) {
	s.mu.Lock()
	again := s.doubted == n
	s.doubted = n
	s.mu.Unlock()
	if again {
		s.restrict(s.smaller(n))
	}
}

// caution keeps the batches of one operation small while bad items make larger ones fail. A batch that is larger
// than any accepted one is looked up after each refusal. The zero value keeps nothing.
type caution struct {
	size int // of a batch, 0: any
	wins int // batches of this size that were accepted
	need int // wins before the size is doubled
}

// limit returns the size of the next batch, at most n.
func (c *caution) limit(n int) int {
	if c.size > 0 {
		return min(n, c.size)
	}
	return n
}

// accept records an accepted batch of n items.
func (c *caution) accept(n int) {
	if c.size == 0 || n < c.size {
		return
	}
	if c.wins++; c.wins >= c.need {
		c.size, c.wins = 2*c.size, 0
	}
}

// learn records that a batch of n items works.
func (c *caution) learn(n int) {
	if c.size > 0 {
		c.size = max(c.size, n)
	}
}

// refuse records a refused batch. size is the last one that worked.
func (c *caution) refuse(size int) {
	c.size, c.wins, c.need = size, 0, max(1, 2*c.need)
}
