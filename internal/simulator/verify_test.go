package simulator

import (
	"encoding/json"
	"maps"
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
