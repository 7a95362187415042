package aep

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // HMAC-SHA1 is the platform's signature scheme, not a choice.
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// canonicalText returns the text that the platform verifies: app key, time, every
// declared parameter in byte order of its name, then the body. An unset parameter
// has an empty value. No value is escaped.
func canonicalText(appKey string, at time.Time, declared []string, values map[string]string, body []byte) string {
	var text strings.Builder
	line := func(name, value string) {
		text.WriteString(name)
		text.WriteByte(':')
		text.WriteString(value)
		text.WriteByte('\n')
	}
	line("application", appKey)
	line("timestamp", timestamp(at))
	for _, name := range slices.Sorted(slices.Values(declared)) {
		line(name, values[name])
	}
	if len(body) > 0 {
		text.Write(body)
		text.WriteByte('\n')
	}
	return text.String()
}

// sign returns the HMAC-SHA1 of text under the app secret, in base64.
func sign(appSecret, text string) string {
	mac := hmac.New(sha1.New, []byte(appSecret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// timestamp returns a time as in the header of that name, in Unix milliseconds.
func timestamp(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
