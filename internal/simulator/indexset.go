package simulator

import "math/bits"

const (
	wordBits   = 64
	blockWords = 128
)

// indexSet is a set of small integers that can say at once how many it
// holds and which is the k-th. It is what keeps a page of a million rows
// as cheap as the first one.
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

// page returns up to n members in ascending order, leaving out the first
// offset.
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

// and returns the members that both sets hold.
func (s *indexSet) and(other *indexSet) *indexSet {
	return s.filtered(func(word int) uint64 { return other.word(word) })
}

// without returns the members that the other set doesn't hold.
func (s *indexSet) without(other *indexSet) *indexSet {
	return s.filtered(func(word int) uint64 { return ^other.word(word) })
}

// filtered visits one word per 64 possible members.
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

// indexOf returns the set of a key, which it makes if there is none.
func indexOf[K comparable](sets map[K]*indexSet, key K) *indexSet {
	set := sets[key]
	if set == nil {
		set = &indexSet{}
		sets[key] = set
	}
	return set
}
