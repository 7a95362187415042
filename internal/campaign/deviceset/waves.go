package deviceset

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Waves divides devices among waves by a hash of their ids. The wave of a device depends only on its id, the
// weights and the seed, so further devices move no device to another wave.
type Waves struct {
	weights []uint64
	sum     uint64
	seed    string
}

// maxWeight keeps the sum of all weights within 64 bits.
const maxWeight int64 = 1 << 31

// NewWaves returns waves with these weights: whole numbers, none negative, at least one positive.
func NewWaves(weights []int64, seed string) (*Waves, error) {
	w := &Waves{seed: seed}
	for i, weight := range weights {
		if weight < 0 || weight > maxWeight {
			return nil, fmt.Errorf("weight %d is %d; a weight is a whole number from 0 to %d", i, weight, maxWeight)
		}
		w.weights = append(w.weights, uint64(weight))
		w.sum += uint64(weight)
	}
	if w.sum == 0 {
		return nil, errors.New("the weights sum up to 0; at least one must be positive")
	}
	return w, nil
}

// Of returns the index of a device's wave.
func (w *Waves) Of(deviceID string) int {
	var space [128]byte // on the stack: there may be a million ids
	digest := sha256.Sum256(append(append(append(space[:0], w.seed...), 0), deviceID...))
	bucket := binary.BigEndian.Uint64(digest[:8]) % w.sum
	var cumulative uint64
	for i, weight := range w.weights {
		if cumulative += weight; cumulative > bucket {
			return i
		}
	}
	panic("unreachable: the bucket is below the sum of the weights")
}

// Split divides ids among the waves, in their order.
func (w *Waves) Split(ids []string) [][]string {
	waves := make([][]string, len(w.weights))
	for _, id := range ids {
		i := w.Of(id)
		waves[i] = append(waves[i], id)
	}
	return waves
}
