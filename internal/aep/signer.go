package aep

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const masterKeyHeader = "MasterKey"

// message is one call of an endpoint before it is stamped and signed. It holds
// no credential; each attempt makes a new *http.Request of it.
type message struct {
	endpoint  *endpoint
	productID int64
	taskID    int64             // 0 where the call concerns no single task
	query     map[string]string // set parameters only
	body      []byte
}

// newRequest stamps the message with the time at and signs it.
func (c *Client) newRequest(ctx context.Context, m *message, at time.Time) (*http.Request, error) {
	values := url.Values{}
	signed := make(map[string]string, len(m.query)+1)
	for name, value := range m.query {
		values.Set(name, value)
		signed[name] = value
	}
	masterKey := c.masterKey(m.productID)
	signed[masterKeyHeader] = masterKey
	declared := append([]string{masterKeyHeader}, m.endpoint.parameters...)

	target := *c.endpoint
	target.Path = basePath + m.endpoint.path
	// %20 is read as a space by every decoder, "+" only by form decoders.
	target.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")

	var body io.Reader
	if len(m.body) > 0 {
		body = bytes.NewReader(m.body)
	}
	req, err := http.NewRequestWithContext(ctx, m.endpoint.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	text := canonicalText(c.config.AppKey, at, declared, signed, m.body)
	req.Header.Set("application", c.config.AppKey)
	req.Header.Set("timestamp", timestamp(at))
	req.Header.Set("version", m.endpoint.version)
	req.Header.Set("signature", sign(c.config.AppSecret, text))
	req.Header.Set("User-Agent", c.config.UserAgent)
	if masterKey != "" {
		req.Header.Set(masterKeyHeader, masterKey)
	}
	if len(m.body) > 0 {
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	return req, nil
}

// masterKey returns the product's own MasterKey, or the one for all products.
func (c *Client) masterKey(productID int64) string {
	if key, ok := c.config.MasterKeys[productID]; ok {
		return key
	}
	return c.config.MasterKey
}
