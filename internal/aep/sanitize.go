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
	messageLimit = 200     // characters of the platform's words in an error
	sourceLimit  = 1 << 16 // bytes of a text that are read for them
	redacted     = "[redacted]"
)

// sanitizer makes text from outside fit for a message. It is safe for concurrent use.
type sanitizer struct {
	mu      sync.RWMutex
	forms   map[string]struct{} // of the secrets
	secrets *strings.Replacer   // of forms
}

// newSanitizer returns a sanitizer that removes the credentials of config, in every encoding in which a
// platform or a proxy may repeat them. The app key is one of them: it may be a secret in the wrong place.
func newSanitizer(config Config) *sanitizer {
	s := &sanitizer{forms: make(map[string]struct{})}
	s.add(append(slices.Collect(maps.Values(config.MasterKeys)), config.AppKey, config.AppSecret, config.MasterKey)...)
	return s
}

// add makes the sanitizer remove further secrets.
func (s *sanitizer) add(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range secrets {
		for _, form := range encodings(secret) {
			s.forms[form] = struct{}{}
		}
	}
	delete(s.forms, "")
	// The longest first, because one secret may be the beginning of another.
	texts := slices.SortedFunc(maps.Keys(s.forms), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, redacted)
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

// A product's apiKey is its MasterKey, which the console calls Master-APIkey. A text from outside may contain the
// key of any product.
const keyLabel = `(?:master[-_ ]?(?:api[-_ ]?)?|api[-_ ]?)key`

var (
	// keyValue matches the label of a key and the text that it is joined to. One word may be between them, such as
	// `value`.
	keyValue  = regexp.MustCompile(`(?i)(` + keyLabel + `)[^\pL]*(?:\pL+[^\pL]*?)?[:=：＝<>%&\\].*`)
	keyRest   = regexp.MustCompile(`(?i)` + keyLabel + `.*`)
	longToken = regexp.MustCompile(`[0-9A-Za-z+/_-]{16,}=*`)
)

// withoutLabelledKeys returns text without what the label of a key is joined to, and without the long tokens after
// a label.
func withoutLabelledKeys(text string) string {
	return keyRest.ReplaceAllStringFunc(keyValue.ReplaceAllString(text, "$1="+redacted), withoutLongTokens)
}

// withoutLongTokens returns text without the tokens that are long and have a digit, as keys do.
func withoutLongTokens(text string) string {
	return longToken.ReplaceAllStringFunc(text, func(token string) string {
		if strings.ContainsAny(token, "0123456789") {
			return redacted
		}
		return token
	})
}

// linkQuery matches a link with a query, which may contain a token: the link to a firmware has one.
var linkQuery = regexp.MustCompile(`(/[^\s"<>?]*)\?[^\s"<>]+`)

// sanitize returns the beginning of text as valid UTF-8 without control characters, credentials and queries of
// links, cut at messageLimit characters.
func (s *sanitizer) sanitize(text string) string { return s.fit(text, withoutLabelledKeys) }

// words is sanitize for the words of a service. A service that returns keys may write one without a label.
func (s *sanitizer) words(of *service, text string) string {
	if !of.hasKeys {
		return s.sanitize(text)
	}
	return s.fit(text, func(text string) string { return withoutLongTokens(withoutLabelledKeys(text)) })
}

func (s *sanitizer) fit(text string, withoutKeys func(string) string) string {
	text = text[:min(len(text), sourceLimit)]
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
	text = strings.TrimSpace(linkQuery.ReplaceAllString(withoutKeys(text), "$1?"+redacted))
	if runes := []rune(text); len(runes) > messageLimit {
		return string(runes[:messageLimit]) + "…"
	}
	return text
}
