package aep

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// vector is a signature computed by the platform vendor's own programs.
type vector struct {
	Name         string            `json:"name"`
	AppKey       string            `json:"app_key"`
	AppSecret    string            `json:"app_secret"`
	Timestamp    string            `json:"timestamp"`
	Params       map[string]string `json:"params"`
	MasterKey    *string           `json:"master_key"` // nil if the API does not declare it
	Body         *string           `json:"body"`
	StringToSign string            `json:"string_to_sign"`
	Signature    string            `json:"signature"`
	Canonical    bool              `json:"canonical"`
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/signing-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func (v vector) at(t testing.TB) time.Time {
	t.Helper()
	ms, err := strconv.ParseInt(v.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(ms)
}

func (v vector) canonicalText(t testing.TB) string {
	t.Helper()
	var declared []string
	values := make(map[string]string)
	for name, value := range v.Params {
		declared = append(declared, name)
		values[name] = value
	}
	if v.MasterKey != nil {
		declared = append(declared, masterKeyHeader)
		values[masterKeyHeader] = *v.MasterKey
	}
	var body []byte
	if v.Body != nil {
		body = []byte(*v.Body)
	}
	return canonicalText(v.AppKey, v.at(t), declared, values, body)
}

func TestSignatureAgreesWithTheVendorsPrograms(t *testing.T) {
	t.Parallel()
	vectors := readVectors(t)
	if len(vectors) != 40 {
		t.Fatalf("got %d vectors, want 40", len(vectors))
	}
	var variants []string
	for _, v := range vectors {
		if strings.HasSuffix(v.Name, "__python_variant") {
			variants = append(variants, v.Name)
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			text := v.canonicalText(t)
			if same := text == v.StringToSign; same != v.Canonical {
				t.Errorf("got the same text %t, want %t\ngot  %q\nthey %q", same, v.Canonical, text, v.StringToSign)
			}
			signature := sign(v.AppSecret, text)
			if same := signature == v.Signature; same != v.Canonical {
				t.Errorf("got the same signature %t, want %t\ngot  %s\nthey %s", same, v.Canonical, signature, v.Signature)
			}
			// The HMAC of their text must be theirs, also for a variant.
			if got := sign(v.AppSecret, v.StringToSign); got != v.Signature {
				t.Errorf("signature of their text: got %s, want %s", got, v.Signature)
			}
		})
	}
	for _, v := range vectors {
		if v.Canonical == slices.Contains(variants, v.Name) {
			t.Errorf("%s: got canonical %t for this name", v.Name, v.Canonical)
		}
	}
	if len(variants) == 0 {
		t.Error("got no vector of a variant")
	}
}

// The requests of this client have the signatures of the vendor's programs, whether the
// API declares the MasterKey or not. Where it does not, the key is not sent either.
func TestRequestsAgreeWithTheVendorsPrograms(t *testing.T) {
	t.Parallel()
	declared := map[bool]int{}
	for _, v := range readVectors(t) {
		if !v.Canonical {
			continue
		}
		declared[v.MasterKey != nil]++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			key := "a key that no vector has"
			if v.MasterKey != nil {
				key = *v.MasterKey
			}
			client := newClient(t, nil)
			client.config.AppKey, client.config.AppSecret, client.config.MasterKey = v.AppKey, v.AppSecret, key
			m := message{endpoint: v.endpoint(), query: v.Params}
			if v.Body != nil {
				m.body = []byte(*v.Body)
			}
			req, err := client.newRequest(t.Context(), &m, v.at(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := req.Header.Get("signature"); got != v.Signature {
				t.Errorf("got the signature %s, want %s", got, v.Signature)
			}
			sent, isSent := req.Header[http.CanonicalHeaderKey(masterKeyHeader)]
			if isSent != (v.MasterKey != nil) || isSent && sent[0] != *v.MasterKey {
				t.Errorf("got the MasterKey %q, want it only where it is declared", sent)
			}
			for name, value := range v.Params {
				if got := req.URL.Query(); !got.Has(name) || got.Get(name) != value {
					t.Errorf("got the query %s, want %s=%q in it", req.URL.RawQuery, name, value)
				}
			}
		})
	}
	if declared[true] < 10 || declared[false] < 2 {
		t.Errorf("got %d vectors with a MasterKey and %d without", declared[true], declared[false])
	}
}

// endpoint returns an endpoint that declares what the vector has.
func (v vector) endpoint() *endpoint {
	return &endpoint{
		service: productService, method: http.MethodPost, parameters: slices.Collect(maps.Keys(v.Params)), masterKey: v.MasterKey != nil,
	}
}

func FuzzCanonicalText(f *testing.F) {
	f.Add("app", int64(1515752817580), "id", "3439", "searchValue", "a b&c=d+e%f\n中文😀", []byte(`{"productId":1}`))
	f.Add("", int64(0), "", "", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, app string, ms int64, name1, value1, name2, value2 string, body []byte) {
		values := map[string]string{name1: value1, name2: value2}
		declared := []string{name1, name2}
		at := time.UnixMilli(ms)
		text := canonicalText(app, at, declared, values, body)
		if again := canonicalText(app, at, []string{name2, name1}, values, body); again != text {
			t.Errorf("got %q and %q for two orders of the parameters", text, again)
		}
		head := "application:" + app + "\ntimestamp:" + strconv.FormatInt(ms, 10) + "\n"
		if !strings.HasPrefix(text, head) {
			t.Errorf("got %q, want it to begin with %q", text, head)
		}
		length := len(head) + len(name1) + len(values[name1]) + len(name2) + len(values[name2]) + 4
		if len(body) > 0 {
			length += len(body) + 1
		}
		if len(text) != length {
			t.Errorf("got %q of %d bytes, want %d", text, len(text), length)
		}
		if len(sign("secret", text)) != 28 {
			t.Errorf("got a signature of %d characters, want 28", len(sign("secret", text)))
		}
	})
}
