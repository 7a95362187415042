package simulator

import "math/bits"

const (
	wordBits   = 64
	blockWords = 128
)

// indexSet is a set of small integers. It returns its size in O(1) and its
// k-th member without a scan, so that every page of a list costs the same.
type indexSet struct {
	words  []uint64
	blocks []int // members per blockWords words
	count  int
}

func (s *indexSet) has(i int) bool {
	word := i / wordBits
	return word < len(s.words) && s.words[word]&(1<<(i%wordBits)) != 0
}

func (s *indexSet) add(i int) {
	if s.has(i) {
		return
	}
	word := i / wordBits
	if missing := word + 1 - len(s.words); missing > 0 {
		s.words = append(s.words, make([]uint64, missing)...)
	}
	block := word / blockWords
	if missing := block + 1 - len(s.blocks); missing > 0 {
		s.blocks = append(s.blocks, make([]int, missing)...)
	}
	s.words[word] |= 1 << (i % wordBits)
	s.blocks[block]++
	s.count++
}

func (s *indexSet) remove(i int) {
	if !s.has(i) {
		return
	}
	word := i / wordBits
	s.words[word] &^= 1 << (i % wordBits)
	s.blocks[word/blockWords]--
	s.count--
}

// page returns up to n members in ascending order, after the first offset.
func (s *indexSet) page(offset, n int) []int {
	n = min(n, s.count-offset)
	if offset < 0 || n <= 0 {
		return nil
	}
	block := 0
	for offset >= s.blocks[block] {
		offset -= s.blocks[block]
		block++
	}
	members := make([]int, 0, n)
	for word := block * blockWords; len(members) < n; word++ {
		rest := s.words[word]
		if size := bits.OnesCount64(rest); offset >= size {
			offset -= size
			continue
		}
		for ; rest != 0 && len(members) < n; rest &= rest - 1 {
			if offset > 0 {
				offset--
				continue
			}
			members = append(members, word*wordBits+bits.TrailingZeros64(rest))
		}
	}
	return members
}

// and returns the members of both sets.
func (s *indexSet) and(other *indexSet) *indexSet {
	return s.filtered(func(word int) uint64 { return other.word(word) })
}

// without returns the members that other does not have.
func (s *indexSet) without(other *indexSet) *indexSet {
	return s.filtered(func(word int) uint64 { return ^other.word(word) })
}

// filtered returns the members whose bits are set in mask.
func (s *indexSet) filtered(mask func(word int) uint64) *indexSet {
	kept := &indexSet{}
	for word := range s.words {
		for rest := s.words[word] & mask(word); rest != 0; rest &= rest - 1 {
			kept.add(word*wordBits + bits.TrailingZeros64(rest))
		}
	}
	return kept
}

func (s *indexSet) word(i int) uint64 {
	if i >= len(s.words) {
		return 0
	}
	return s.words[i]
}

// indexOf returns the set of a key. It makes the set if there is none.
func indexOf[K comparable](sets map[K]*indexSet, key K) *indexSet {
	set := sets[key]
	if set == nil {
		set = &indexSet{}
		sets[key] = set
	}
	return set
}
