package aep

import "sync"

// pageSizes decides how many rows of a list of one service to ask for. A configured size is obeyed. Otherwise the size is
// learned, because the API document states no maximum:
//
//   - The first page of a list is asked for with the largest size of the service.
//   - If the platform refuses it, smaller pages are tried, and no larger one from then on.
//   - If the platform sends fewer rows than asked for, the list goes on with pages of that many rows. So it
//     does not matter whether the platform counts pages by the size asked for or by the size sent.
type pageSizes struct {
	configured int // 0: learned
	largest    int // page to ask for before anything is learned

	mu       sync.Mutex
	limit    int               // largest page to ask for, 0 if none is known
	accepted map[*endpoint]int // largest page that the platform has served
	doubted  bool              // a large page has failed in a way that may pass
	capped   int               // rows of the last page that was cut short, 0 if the last one was not
}

// ask returns the size of the first page of a list.
func (s *pageSizes) ask() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.configured > 0:
		return s.configured
	case s.limit > 0:
		return s.limit
	}
	return s.largest
}

// rows returns how many rows a page has, as far as known.
func (s *pageSizes) rows() int {
	size := s.ask()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.capped > 0 {
		size = min(size, s.capped)
	}
	return size
}

// probes reports whether a page is larger than any that the endpoint has served. If it fails, a smaller one
// is tried before it is repeated.
func (s *pageSizes) probes(e *endpoint, size int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.configured == 0 && size > max(usualPageSize, s.accepted[e])
}

// smaller returns the size of the page to ask for after a failure, or 0 if the size is not the reason. A
// failure that may pass is no reason for less than the usual size.
func (s *pageSizes) smaller(e *endpoint, size int, failure error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.configured > 0 || s.accepted[e] >= size || !mayBeRefusalOfSize(failure):
		return 0
	case size > usualPageSize:
		return usualPageSize
	case !refusesSize(failure):
		return 0
	case size > 40:
		return 40
	case size > 20:
		return 20
	}
	return 0
}

// restrict records that a larger page failed for which one of this size was served. A failure that may pass
// counts the second time.
func (s *pageSizes) restrict(size int, lasting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if lasting || s.doubted {
		s.limit = size
	}
	s.doubted = true
}

// learn records the first page of a list, and returns the size to ask for the further pages with.
func (s *pageSizes) learn(e *endpoint, asked, rows int, total int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accepted == nil {
		s.accepted = make(map[*endpoint]int)
	}
	s.accepted[e] = max(s.accepted[e], asked)
	if rows > usualPageSize {
		s.doubted = false
	}
	switch {
	case rows > 0 && rows < asked && int64(rows) < total:
		s.capped = rows
		if s.configured == 0 {
			return rows
		}
	case rows > s.capped:
		s.capped = 0
	}
	return asked
}
