package aep

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	canarySecret  = "sEcReT/+&=canary one"
	canaryMaster  = "mAsTeR+canary"
	canaryProduct = "mAsTeR+canary-of-the-product"
)

// spellings returns the encodings in which a platform may repeat a secret.
func spellings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
		strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(secret)), "="),
	}
}

// leaks returns the encodings of the secrets, or of a part of one, that are in text.
func leaks(text string) []string {
	var found []string
	for _, secret := range []string{canarySecret, canaryMaster, canaryProduct, "-of-the-product"} {
		for _, form := range spellings(secret) {
			if strings.Contains(text, form) {
				found = append(found, form)
			}
		}
	}
	return found
}

// No error and no Attempt has a credential, even if a platform, a proxy or a library
// repeats it.
func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	asJSON := func(format string) func(string) step {
		return func(said string) step {
			text, _ := json.Marshal(said)
			return respond(200, fmt.Sprintf(format, text))
		}
	}
	places := map[string]func(string) step{
		"msg":      asJSON(`{"code":1,"msg":%s}`),
		"code":     asJSON(`{"code":%s}`),
		"member":   asJSON(`{"code":0,"result":{"jobId":%s}}`),
		"no code":  asJSON(`{"x":%s}`),
		"not JSON": func(said string) step { return respond(200, "no "+said) },
		"gateway":  func(said string) step { return respond(400, said) },
		"header":   func(said string) step { return respond(400, "", "X-Ag-Message", said) },
		"redirect": func(said string) step { return respond(302, "", "Location", "https://"+url.PathEscape(said)+".test/") },
		"transport": func(said string) step {
			return func(*http.Request) (*http.Response, error) { return nil, errors.New("dial " + said) }
		},
	}
	said := []string{"mAsTeR\x00+cana\x1bry"}
	for _, secret := range []string{canarySecret, canaryMaster, canaryProduct} {
		said = append(said, spellings(secret)...)
		said = append(said, base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, form := range said {
				if name == "redirect" && form != canaryMaster {
					continue // most are no host names
				}
				if quoted, _ := json.Marshal(form); string(quoted) != `"`+form+`"` && (name == "member" || name == "no code") {
					continue // the encoding would be encoded again
				}
				var attempts []Attempt
				client := newClient(t, play(place(form)), func(c *Config) {
					c.AppSecret, c.MasterKey, c.RetryBudget = canarySecret, canaryMaster, -1
					c.MasterKeys = map[int64]string{testProduct: canaryProduct}
					c.Observe = func(_ context.Context, a Attempt) { attempts = append(attempts, a) }
				})
				err := aRead(t.Context(), client)
				failure := failureOf(t, err)
				text := fmt.Sprintf("%v %+v %+v", err, attempts, *failure)
				if found := leaks(text); len(found) > 0 {
					t.Errorf("got %q in %s", found, text)
				}
				if !strings.Contains(text, redacted) {
					t.Errorf("got %s, want %s for %q", text, redacted, form)
				}
			}
		})
	}
}

func TestNoSignatureInAMessage(t *testing.T) {
	t.Parallel()
	platform := play(func(r *http.Request) (*http.Response, error) {
		return respond(401, "Signature not matched: "+r.Header.Get("signature"))(r)
	})
	err := aRead(t.Context(), newClient(t, platform))
	if err == nil || !strings.HasSuffix(err.Error(), "HTTP 401, Signature not matched: "+redacted) {
		t.Errorf("got %v, want %s for the signature", err, redacted)
	}
}

// Someone may exchange app key and secret. So no part of the app key is printed either.
func TestNoAppKeyInAMessage(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"dAaFG7DiPt8", "wr0ngk3y"} {
		platform := play(func(r *http.Request) (*http.Response, error) {
			return respond(404, "Application not found: "+r.Header.Get("application"))(r)
		})
		err := aRead(t.Context(), newClient(t, platform, func(c *Config) { c.AppKey = key }))
		if err == nil || !strings.HasSuffix(err.Error(), "Application not found: "+redacted) {
			t.Errorf("got %v, want %s for the app key", err, redacted)
		}
	}
}

// The firmware of a task is a link, whose query may contain a token.
func TestNoTokenOfALinkInAMessage(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no code":    `{"result":{"firmwareUrl":"/upload?tenantId=10&token=t0ken","jobId":3456}}`,
		"cut short":  `{"code":0,"result":{"firmwareUrl":"https:\/\/files.test\/upload?tenantId=10&token=t0k`,
		"HTML-safe":  `{"result":{"firmwareUrl":"/upload?tenantId\u003d10\u0026token\u003dt0ken","jobId":3456}}`,
		"in the msg": `{"code":1,"msg":"cannot fetch https://files.test/upload?token=t0ken for job 3456"}`,
		"gateway":    `Bad request to http://files.test/?t0ken`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := http.StatusOK
			if name == "gateway" {
				status = http.StatusBadRequest
			}
			err := aRead(t.Context(), newClient(t, play(respond(status, body)), func(c *Config) { c.RetryBudget = -1 }))
			if err == nil || strings.Contains(err.Error(), "t0k") || !strings.Contains(err.Error(), "?"+redacted) {
				t.Errorf("got %v, want %s for the query", err, redacted)
			}
		})
	}
}

func TestQuotationMarksAreNoQueries(t *testing.T) {
	t.Parallel()
	client := newClient(t, play(ok(`"SUCCESS"`)))
	for _, text := range []string{"really?yes", "设备不存在? 请检查", "lwm2m/tlink? neither", "lwm2m/tlink, really?yes"} {
		if got := client.sanitizer.sanitize(text); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

// An empty secret would be replaced between all letters.
func TestEmptySecretIsNotRedacted(t *testing.T) {
	t.Parallel()
	config := Config{AppSecret: canarySecret, MasterKeys: map[int64]string{testProduct: ""}}
	const text = "code 1004: no such task"
	if got := newSanitizer(config).sanitize(text); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}
