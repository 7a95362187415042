package campaign

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
)

// How the ids of a packed set are written. Every id is stored as the length
// that it shares with the one before, and the rest.
const (
	packedText     = 't' // and the whole deflated
	packedLowerHex = 'x' // two digits a byte: random digits can't be deflated further
	packedUpperHex = 'X'
)

var errPacked = errors.New("the packed device set is damaged")

// checksum is the size of the checksum that everything else follows.
const checksum = crc32.Size

// Pack compresses a set into text that fits a JSON string.
func (s DeviceSet) Pack() (string, error) {
	form := s.form()
	data := []byte{0, 0, 0, 0, form}
	if form == packedText {
		var buffer bytes.Buffer
		w, err := flate.NewWriter(&buffer, flate.BestSpeed)
		if err == nil {
			_, err = w.Write(s.appendFronted(nil, func(to []byte, id string) []byte { return append(to, id...) }))
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			return "", err
		}
		data = append(data, buffer.Bytes()...)
	} else {
		data = s.appendFronted(data, func(to []byte, id string) []byte {
			to, _ = hex.AppendDecode(to, []byte(id)) // form has looked at every digit
			return to
		})
	}
	binary.BigEndian.PutUint32(data, crc32.ChecksumIEEE(data[checksum:]))
	return base64.RawStdEncoding.EncodeToString(data), nil
}

// form returns the shortest form that brings every id of the set back.
func (s DeviceSet) form() byte {
	lower, upper := true, true
	for _, id := range s {
		if len(id)%2 != 0 {
			return packedText
		}
		for i := range len(id) {
			switch c := id[i]; {
			case '0' <= c && c <= '9':
			case 'a' <= c && c <= 'f':
				upper = false
			case 'A' <= c && c <= 'F':
				lower = false
			default:
				return packedText
			}
		}
	}
	switch {
	case lower:
		return packedLowerHex
	case upper:
		return packedUpperHex
	}
	return packedText
}

// Two lengths of up to 15 share a byte; others, and twice 15, follow a mark.
const (
	longLength = 0x10
	longMark   = 0xff
)

// appendFronted appends the ids: shared length, length of the rest, the rest.
func (s DeviceSet) appendFronted(data []byte, encode func(to []byte, id string) []byte) []byte {
	var raw, before []byte
	for i, id := range s {
		raw, before = encode(before[:0], id), raw
		if i == 0 {
			data = slices.Grow(data, len(s)*(len(raw)+2))
		}
		shared := 0
		for shared < min(len(raw), len(before)) && raw[shared] == before[shared] {
			shared++
		}
		if rest := len(raw) - shared; shared < longLength && rest < longLength && shared<<4|rest != longMark {
			data = append(data, byte(shared<<4|rest))
		} else {
			data = binary.AppendUvarint(append(data, longMark), uint64(shared))
			data = binary.AppendUvarint(data, uint64(rest))
		}
		data = append(data, raw[shared:]...)
	}
	return data
}

// UnpackDeviceSet is the inverse of Pack.
func UnpackDeviceSet(packed string) (DeviceSet, error) {
	data, err := base64.RawStdEncoding.DecodeString(packed)
	if err != nil || len(data) <= checksum || binary.BigEndian.Uint32(data) != crc32.ChecksumIEEE(data[checksum:]) {
		return nil, errPacked
	}
	form := data[checksum]
	data = data[checksum+1:]
	var digits string
	switch form {
	case packedLowerHex:
		digits = "0123456789abcdef"
	case packedUpperHex:
		digits = "0123456789ABCDEF"
	case packedText:
		const limit = MaxDevices * (maxIDLength + 2*binary.MaxVarintLen16)
		if data, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), limit+1)); err != nil {
			return nil, err
		}
		if len(data) > limit {
			return nil, errors.New("the packed device set is larger than any set can be")
		}
	default:
		return nil, errPacked
	}
	ids, err := readFronted(data, digits)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("the packed device set has an id %s that %s", quoted(id), problem)
		}
		if i > 0 && id <= ids[i-1] {
			return nil, errors.New("the packed device set is out of order")
		}
	}
	return ids, nil
}

// readFronted reads what appendFronted wrote; digits are those of the hex
// numbers, if the ids were stored as such. The ids share one piece of memory.
func readFronted(data []byte, digits string) (DeviceSet, error) {
	var (
		text   strings.Builder
		ends   []int
		before []byte
	)
	for len(data) > 0 {
		mark := data[0]
		shared, rest := uint64(mark>>4), uint64(mark&0xf)
		if data = data[1:]; mark == longMark {
			var n, m int
			shared, n = binary.Uvarint(data)
			rest, m = binary.Uvarint(data[max(n, 0):])
			if n <= 0 || m <= 0 {
				return nil, errPacked
			}
			data = data[n+m:]
		}
		if shared > uint64(len(before)) || rest > uint64(len(data)) || shared+rest > maxIDLength || len(ends) == MaxDevices {
			return nil, errPacked
		}
		before = append(before[:shared], data[:rest]...)
		data = data[rest:]
		if digits == "" {
			text.Write(before)
		} else {
			for _, b := range before {
				text.WriteByte(digits[b>>4])
				text.WriteByte(digits[b&0xf])
			}
		}
		ends = append(ends, text.Len())
	}
	all, start := text.String(), 0
	ids := make(DeviceSet, len(ends))
	for i, end := range ends {
		ids[i] = all[start:end]
		start = end
	}
	return ids, nil
}
