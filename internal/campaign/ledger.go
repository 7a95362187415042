package campaign

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
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
	data, err := io.ReadAll(io.LimitReader(r, MaxDevices*(maxIDLength+1)))
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, nil
	}
	set := DeviceSet(strings.Split(string(data), "\n"))
	for i := 1; i < len(set); i++ {
		if set[i] <= set[i-1] {
			return nil, errors.New("the packed device set is out of order")
		}
	}
	return set, nil
}
