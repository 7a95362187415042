package simulator

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // The platform's algorithm.
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const masterKeyHeader = "MasterKey"

// verify makes the gateway's checks and returns the query parameters.
func (p *Platform) verify(e *endpoint, r *http.Request, body []byte, now time.Time) (url.Values, error) {
	if version := r.Header.Get("version"); version == "" {
		return nil, gateway(http.StatusBadRequest, "Required head parameter 'version' can not be null")
	} else if version != e.version {
		return nil, gateway(http.StatusNotFound, "API version not found: %s", version)
	}
	if key := r.Header.Get("application"); key != p.options.AppKey {
		return nil, gateway(http.StatusNotFound, "Application not found: %s", key)
	}
	if err := p.verifyTime(r.Header.Get("timestamp"), now); err != nil {
		return nil, err
	}
	query, err := declaredQuery(e, r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	text := stringToSign(p.options.AppKey, r.Header.Get("timestamp"), p.signed(e, r, query), body)
	if !hmac.Equal([]byte(sign(p.options.AppSecret, text)), []byte(r.Header.Get("signature"))) {
		return nil, gateway(http.StatusUnauthorized, "Signature not matched")
	}
	if err := p.options.LookUps.subscription(e, p.options.AppKey); err != nil {
		return nil, err
	}
	return query, p.verifyMasterKey(e, r.Header, query, body)
}

// signed returns the parameters that the signature covers.
func (p *Platform) signed(e *endpoint, r *http.Request, query url.Values) map[string]string {
	params := map[string]string{}
	received := p.options.Quirks.SignReceived
	if e.key != keyUndeclared && (len(r.Header.Values(masterKeyHeader)) > 0 || !received) {
		params[masterKeyHeader] = r.Header.Get(masterKeyHeader)
	}
	for _, name := range e.query {
		if query.Has(name) || !received {
			params[name] = query.Get(name)
		}
	}
	return params
}

func (p *Platform) verifyTime(timestamp string, now time.Time) error {
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return gateway(http.StatusBadRequest, "Required head parameter 'timestamp' is invalid")
	}
	if p.shownTime(now).Sub(time.UnixMilli(ms)).Abs() > p.options.TimestampWindow {
		return gateway(http.StatusUnauthorized, "Timestamp expired")
	}
	return nil
}

// declaredQuery returns the query parameters. It refuses an undeclared
// parameter, and a repeated one, because the signature covers one value.
func declaredQuery(e *endpoint, raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, gateway(http.StatusBadRequest, "Query string is malformed")
	}
	for name, values := range query {
		if !slices.Contains(e.query, name) {
			return nil, gateway(http.StatusBadRequest, "Query parameter '%s' is not declared", name)
		}
		if len(values) > 1 {
			return nil, gateway(http.StatusBadRequest, "Query parameter '%s' is given twice", name)
		}
	}
	return query, nil
}

// verifyMasterKey checks MasterKey against the product of the request.
func (p *Platform) verifyMasterKey(e *endpoint, header http.Header, query url.Values, body []byte) error {
	key := header.Get(masterKeyHeader)
	switch {
	case e.key == keyUndeclared:
		if len(header.Values(masterKeyHeader)) > 0 && !p.options.LookUps.AcceptUndeclaredKey {
			return gateway(http.StatusBadRequest, "Head parameter 'MasterKey' is not declared")
		}
		return nil
	case key == "" && (e.key == keyRequired || p.options.RequireMasterKey):
		return gateway(http.StatusBadRequest, "Required head parameter 'MasterKey' can not be null")
	case key == "":
		return nil
	}
	owner := p.products[targetOf(e, query, body).product]
	if owner != nil && owner.masterKey != key {
		return gateway(http.StatusForbidden, "MasterKey is not matched")
	}
	return nil
}

// stringToSign returns the text that is signed. It has the application, the
// time, every declared parameter in byte order, and the body. The rule is
// from the platform's SDKs.
func stringToSign(appKey, timestamp string, params map[string]string, body []byte) string {
	var text strings.Builder
	text.WriteString("application:" + appKey + "\ntimestamp:" + timestamp + "\n")
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text.WriteString(name + ":" + params[name] + "\n")
	}
	if len(body) > 0 {
		text.Write(body)
		text.WriteByte('\n')
	}
	return text.String()
}

func sign(secret, text string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
