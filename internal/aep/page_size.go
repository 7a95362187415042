package aep

import "sync"

// pageSizes decides how many rows of a list to ask for. A configured size is obeyed. Otherwise the size is
// learned, because the API document states no maximum:
//
//   - The first page of a list is asked for with MaxPageSize rows.
//   - If the platform refuses such a page, every list is asked for with usualPageSize rows from then on.
//   - If the platform sends fewer rows than asked for, the list goes on with pages of that many rows. So it
//     does not matter whether the platform counts pages by the size asked for or by the size sent.
type pageSizes struct {
	configured int // 0: learned

	mu      sync.Mutex
	refused bool
	doubted bool // one large page got no response
	capped  int  // rows of the last page that was cut short, 0 if the last one was not
}

// usualPageSize is a page size that every platform is expected to serve.
const usualPageSize = 100

// ask returns the size of the first page of a list.
func (s *pageSizes) ask() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.configured > 0:
		return s.configured
	case s.refused:
		return usualPageSize
	}
	return MaxPageSize
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

// mayBeTooLarge reports whether a platform may refuse a page for its size, so that a smaller one is worth
// asking for.
func (s *pageSizes) mayBeTooLarge(size int) bool { return s.configured == 0 && size > usualPageSize }

// learnRefusal records that a large page failed for which a page of the usual size was served. A lasting
// failure is a refusal. A failure that may pass counts as a refusal the second time.
func (s *pageSizes) learnRefusal(lasting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = s.refused || lasting || s.doubted
	s.doubted = true
}

// learn records a first page, and returns the size to ask for the further pages with.
func (s *pageSizes) learn(asked, rows int, total int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case rows > 0 && rows < asked && int64(rows) < total:
		s.capped = rows
		if s.configured == 0 {
			return rows
		}
	case rows > s.capped:
		s.capped = 0
	}
	if rows > usualPageSize {
		s.doubted = false
	}
	return asked
}
