package simulator

import (
	"encoding/json"
	"fmt"
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
		t.Fatalf("vectors: got %d, want %d", len(vectors), known)
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			params := maps.Clone(v.Params)
			if v.MasterKey != nil {
				params[masterKeyHeader] = *v.MasterKey
			}
			text := stringToSign(v.AppKey, v.Timestamp, params, []byte(v.Body))
			if (text == v.StringToSign) != v.Canonical {
				t.Errorf("string to sign: got %q, vector %q, which is canonical: %t", text, v.StringToSign, v.Canonical)
			}
			if signature := sign(v.AppSecret, text); (signature == v.Signature) != v.Canonical {
				t.Errorf("signature: got %s, vector %s, which is canonical: %t", signature, v.Signature, v.Canonical)
			}
		})
	}
}

// signSent replaces the signature of GET /tasks by one over the parameters
// that the request has.
func signSent(r *http.Request) {
	text := "application:" + DefaultAppKey + "\ntimestamp:" + r.Header.Get("timestamp") + "\n"
	if key := r.Header.Values("MasterKey"); len(key) > 0 {
		text += "MasterKey:" + key[0] + "\n"
	}
	query := r.URL.Query()
	for _, name := range []string{"pageNow", "pageSize", "productId", "searchValue"} {
		if query.Has(name) {
			text += name + ":" + query.Get(name) + "\n"
		}
	}
	r.Header.Set("signature", (&caller{secret: DefaultAppSecret}).sign(text))
}

// TestSignReceived signs each call over the parameters that it has (sent), and
// over all declared parameters.
func TestSignReceived(t *testing.T) {
	t.Parallel()
	some := map[string]string{"productId": "10005977"}
	more := map[string]string{"productId": "10005977", "pageNow": "1", "searchValue": ""}
	all := map[string]string{"productId": "10005977", "pageNow": "1", "pageSize": "1", "searchValue": ""}
	for _, tc := range []struct {
		masterKey      string
		params         map[string]string
		received, sent bool
		want           int
	}{
		{"", some, false, false, 200},
		{"", some, false, true, 401},
		{"", some, true, false, 401},
		{"", some, true, true, 200},
		{LwM2MMasterKey, more, false, false, 200},
		{LwM2MMasterKey, more, false, true, 401},
		{LwM2MMasterKey, more, true, false, 401},
		{LwM2MMasterKey, more, true, true, 200},
		{"", all, false, true, 401},
		{"", all, true, false, 401},
		{LwM2MMasterKey, all, false, true, 200},
		{LwM2MMasterKey, all, true, false, 200},
	} {
		inBubble(t, Options{Quirks: Quirks{SignReceived: tc.received}}, func(t *testing.T, _ *Platform, c *caller) {
			if c.masterKey = tc.masterKey; tc.sent {
				c.change = signSent
			}
			what := fmt.Sprintf("%v, MasterKey %q, received %t, sent %t", tc.params, tc.masterKey, tc.received, tc.sent)
			wantEqual(t, what, c.call(OpTasks, tc.params, "").status, tc.want)
		})
	}
}
