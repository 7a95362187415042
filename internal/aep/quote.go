package aep

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	messageLimit = 200 // characters of the platform's words that an error repeats
	redacted     = "[redacted]"
)

// newRedactor returns what removes the credentials of config from a text, in
// every form in which a platform or a proxy may repeat them.
func newRedactor(config Config) *strings.Replacer {
	forms := make(map[string]string)
	if key := config.AppKey; len(key) > 8 {
		forms[key] = key[:4] + "…"
	}
	secrets := slices.Collect(maps.Values(config.MasterKeys))
	for _, secret := range append(secrets, config.AppSecret, config.MasterKey) {
		for _, form := range formsOf(secret) {
			forms[form] = redacted
		}
	}
	delete(forms, "")
	// The longest first: one secret may begin like another.
	texts := slices.SortedFunc(maps.Keys(forms), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, forms[text])
	}
	return strings.NewReplacer(pairs...)
}

func formsOf(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string always marshals
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// query is the part of a link that may hold a token, as in that to a firmware.
var query = regexp.MustCompile(`(/[^\s"<>?]*)\?[^\s"<>]+`)

// quote makes foreign text fit for a diagnostic: valid, free of control
// characters and credentials, and short.
func (c *Client) quote(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(query.ReplaceAllString(c.redactor.Replace(s), "$1?"+redacted))
	if runes := []rune(s); len(runes) > messageLimit {
		return string(runes[:messageLimit]) + "…"
	}
	return s
}
