package aep

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // HMAC-SHA1 is the platform's signature scheme, not a choice.
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// canonicalText returns the text that the platform verifies: app key, time, every declared parameter in byte
// order of its name, then the body. An unset parameter has an empty value. No value is escaped.
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

const masterKeyHeader = "MasterKey"

// newRequest returns a request for the message, signed with the timestamp at.
func (c *Client) newRequest(ctx context.Context, m *message, at time.Time) (*http.Request, error) {
	// Every declared parameter is signed and sent: the gateway may rebuild the text from the declared
	// parameters or from the received ones.
	values := url.Values{}
	signed := make(map[string]string)
	for _, name := range m.endpoint.parameters {
		values.Set(name, m.query[name])
		signed[name] = m.query[name]
	}

	target := *c.endpoint
	target.Path = m.endpoint.fullPath()
	// Every decoder reads %20 as a space, but only form decoders read "+" as one.
	target.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")

	var body io.Reader
	if len(m.body) > 0 {
		body = bytes.NewReader(m.body)
	}
	req, err := http.NewRequestWithContext(ctx, m.endpoint.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	declared := m.endpoint.parameters
	if m.endpoint.masterKey {
		declared = append([]string{masterKeyHeader}, declared...)
		signed[masterKeyHeader] = c.masterKey(m.productID)
		req.Header.Set(masterKeyHeader, signed[masterKeyHeader])
	}
	text := canonicalText(c.config.AppKey, at, declared, signed, m.body)
	req.Header.Set("application", c.config.AppKey)
	req.Header.Set("timestamp", timestamp(at))
	req.Header.Set("version", m.endpoint.version)
	req.Header.Set("signature", sign(c.config.AppSecret, text))
	req.Header.Set("User-Agent", c.config.UserAgent)
	if len(m.body) > 0 {
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	return req, nil
}

// masterKey returns the MasterKey of the product, or the general one.
func (c *Client) masterKey(productID int64) string {
	if key, ok := c.config.MasterKeys[productID]; ok {
		return key
	}
	return c.config.MasterKey
}
