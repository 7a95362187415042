package campaign

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pack compresses a set into text that fits a JSON string.
func (s DeviceSet) Pack() (string, error) {
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := io.WriteString(w, strings.Join(s, "\n")); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(buffer.Bytes()), nil
}

// UnpackDeviceSet is the inverse of Pack.
func UnpackDeviceSet(packed string) (DeviceSet, error) {
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		return nil, err
	}
	const limit = MaxDevices * (maxIDLength + 1)
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if len(data) > limit {
		return nil, errors.New("the packed device set is larger than any set can be")
	}
	if len(data) == 0 {
		return nil, nil
	}
	set := DeviceSet(strings.Split(string(data), "\n"))
	for i, id := range set {
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("the packed device set has an id %s that %s", quoted(id), problem)
		}
		if i > 0 && id <= set[i-1] {
			return nil, errors.New("the packed device set is out of order")
		}
	}
	return set, nil
}
