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

// canonicalText is the text that the platform expects to be signed: app key,
// time, every declared parameter in byte order of its name (an unset one as an
// empty value), then the body. Values stand raw, whatever is escaped on the wire.
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

// sign returns the base64 of the HMAC-SHA1 of text under the app secret.
func sign(appSecret, text string) string {
	mac := hmac.New(sha1.New, []byte(appSecret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// timestamp writes a time as the header of that name carries it: Unix milliseconds.
func timestamp(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
