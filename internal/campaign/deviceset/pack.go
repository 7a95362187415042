package deviceset

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pack compresses a set into text that fits a JSON string. Every later version must be able to unpack it: a
// new format needs a version number beside the text.
func (s Set) Pack() (string, error) {
	var packed bytes.Buffer
	w, err := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(s.fronted()); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(packed.Bytes()), nil
}

// fronted writes one id a line: a byte that says how many bytes it shares with the id before, and the rest.
// So consecutive ids take almost no space.
func (s Set) fronted() []byte {
	var text []byte
	before := ""
	for _, id := range s {
		shared := 0
		for shared < min(len(id), len(before), maxIDLength-1) && id[shared] == before[shared] {
			shared++
		}
		text = append(append(append(text, byte(shared)), id[shared:]...), '\n')
		before = id
	}
	return text
}

// maxFronted is how long the text of a packed set may be, in bytes.
const maxFronted = Max * (maxIDLength + 2)

// Unpack returns the set that Pack has packed. Its error says in what way the text is damaged.
func Unpack(packed string) (Set, error) {
	data, err := base64.RawStdEncoding.DecodeString(packed)
	if err != nil {
		return nil, fmt.Errorf("the packed device set is damaged: %w", err)
	}
	rest := bytes.NewReader(data)
	r, err := zlib.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("the packed device set is damaged: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFronted+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the packed device set is damaged: %w", err)
	case len(text) > maxFronted:
		return nil, errors.New("the packed device set is larger than any set can be")
	case rest.Len() > 0:
		return nil, errors.New("the packed device set is damaged: it does not end where it should")
	}
	return unfronted(text)
}

// unfronted is the inverse of fronted.
func unfronted(text []byte) (Set, error) {
	set := make(Set, 0, bytes.Count(text, []byte{'\n'}))
	var ids arena
	before := ""
	for len(text) > 0 {
		shared := int(text[0])
		end := bytes.IndexByte(text[1:], '\n')
		if end < 0 || shared > len(before) {
			return nil, errors.New("the packed device set is damaged: an id is incomplete")
		}
		id := ids.add(before[:shared], text[1:1+end])
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("the packed device set has an id %s that %s", quoted(id), problem)
		}
		if strings.Compare(id, before) <= 0 {
			return nil, errors.New("the packed device set is out of order")
		}
		if set = append(set, id); len(set) > Max {
			return nil, errors.New("the packed device set is larger than any set can be")
		}
		before, text = id, text[end+2:]
	}
	return set, nil
}
