package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"testing"
)

func TestSignatureAgainstTheSDKs(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name         string            `json:"name"`
		AppKey       string            `json:"app_key"`
		AppSecret    string            `json:"app_secret"`
		Timestamp    string            `json:"timestamp"`
		Params       map[string]string `json:"params"`
		MasterKey    *string           `json:"master_key"`
		Body         string            `json:"body"`
		StringToSign string            `json:"string_to_sign"`
		Signature    string            `json:"signature"`
		Canonical    bool              `json:"canonical"`
	}
	if err := json.Unmarshal(content, &vectors); err != nil {
		t.Fatal(err)
	}
	const known = 40
	if len(vectors) != known {
		t.Fatalf("%d vectors, want %d", len(vectors), known)
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			params := maps.Clone(v.Params)
			if v.MasterKey != nil {
				params[masterKeyHeader] = *v.MasterKey
			}
			text := stringToSign(v.AppKey, v.Timestamp, params, []byte(v.Body))
			if same := text == v.StringToSign; same != v.Canonical {
				t.Errorf("string to sign %q\nvector %q\ncanonical %v", text, v.StringToSign, v.Canonical)
			}
			if same := sign(v.AppSecret, text) == v.Signature; same != v.Canonical {
				t.Errorf("signature %s, vector %s, canonical %v", sign(v.AppSecret, text), v.Signature, v.Canonical)
			}
		})
	}
}

// TestSignReceived signs each call over the parameters that are sent, and
// over all that are declared.
func TestSignReceived(t *testing.T) {
	t.Parallel()
	onlySent := func(r *http.Request) {
		text := "application:" + DefaultAppKey + "\ntimestamp:" + r.Header.Get("timestamp") + "\n"
		if key := r.Header.Values("MasterKey"); len(key) > 0 {
			text += "MasterKey:" + key[0] + "\n"
		}
		query := r.URL.Query()
		for _, name := range []string{"id", "pageNow", "productId", "searchValue"} {
			if query.Has(name) {
				text += name + ":" + query.Get(name) + "\n"
			}
		}
		r.Header.Set("signature", (&caller{secret: DefaultAppSecret}).sign(text))
	}
	for _, masterKey := range []string{"", LwM2MMasterKey} {
		for _, params := range []map[string]string{
			{"productId": "10005977"},
			{"productId": "10005977", "pageNow": "1", "searchValue": ""},
		} {
			inBubble(t, Options{}, func(t *testing.T, p *Platform, c *caller) {
				c.masterKey = masterKey
				for _, received := range []bool{false, true} {
					p.Configure(func(o *Options) { o.Quirks.SignReceived = received })
					for _, sent := range []bool{false, true} {
						c.change = nil
						if sent {
							c.change = onlySent
						}
						want := http.StatusUnauthorized
						if sent == received {
							want = http.StatusOK
						}
						if a := c.call(OpTasks, params, ""); a.status != want {
							t.Errorf("%v, MasterKey %q: received %t, sent %t: HTTP %d", params, masterKey, received, sent, a.status)
						}
					}
				}
				all := map[string]string{"productId": "10005977", "pageNow": "1", "pageSize": "1", "searchValue": ""}
				if c.masterKey, c.change = LwM2MMasterKey, nil; c.call(OpTasks, all, "").Code != 0 {
					t.Error("what is sent in full is signed alike by both")
				}
			})
		}
	}
}
