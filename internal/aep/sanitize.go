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
	"sync"
	"unicode"
)

const (
	messageLimit = 200 // characters of the platform's words in an error
	redacted     = "[redacted]"
)

// sanitizer makes text from outside fit for a message. It is safe for concurrent use.
type sanitizer struct {
	mu      sync.RWMutex
	forms   map[string]string // what to write for each form of a secret
	secrets *strings.Replacer // of forms
}

// newSanitizer returns a sanitizer that removes the credentials of config, in every encoding in which a
// platform or a proxy may repeat them.
func newSanitizer(config Config) *sanitizer {
	s := &sanitizer{forms: make(map[string]string)}
	if key := config.AppKey; len(key) > 8 {
		s.forms[key] = key[:4] + "…"
	}
	s.add(append(slices.Collect(maps.Values(config.MasterKeys)), config.AppSecret, config.MasterKey)...)
	return s
}

// add makes the sanitizer remove further secrets.
func (s *sanitizer) add(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		for _, form := range encodings(secret) {
			s.forms[form] = redacted
		}
	}
	delete(s.forms, "")
	// The longest first, because one secret may be the beginning of another.
	texts := slices.SortedFunc(maps.Keys(s.forms), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, s.forms[text])
	}
	s.secrets = strings.NewReplacer(pairs...)
}

func encodings(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string always marshals
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// linkQuery matches a link with a query, which may contain a token: the link to a firmware has one.
var linkQuery = regexp.MustCompile(`(/[^\s"<>?]*)\?[^\s"<>]+`)

// sanitize returns text as valid UTF-8 without control characters, credentials and queries of links, cut at
// messageLimit characters.
func (s *sanitizer) sanitize(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	s.mu.RLock()
	text = s.secrets.Replace(text)
	s.mu.RUnlock()
	text = strings.TrimSpace(linkQuery.ReplaceAllString(text, "$1?"+redacted))
	if runes := []rune(text); len(runes) > messageLimit {
		return string(runes[:messageLimit]) + "…"
	}
	return text
}
