package aep

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const canaryKey = "k3y/+&=cAnAry of a product" // only the platform has it

func TestProductKey(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]string{
		`{"productId":10005977,"apiKey":"0f1e"}`:                  "0f1e",
		`{"productId":"10005977","apiKey":12345,"productName":5}`: "12345",
	} {
		if key, err := newClient(t, play(ok(result))).ProductKey(t.Context(), testProduct); err != nil || key != want {
			t.Errorf("%s: got %q, %v, want %q", result, key, err, want)
		}
	}
	for apiKey, says := range map[string]string{
		``: "is missing", `,"apiKey":null`: "is missing", `,"apiKey":""`: "is missing",
		`,"apiKey":" "`: "has white space around it", `,"apiKey":" qwertz"`: "has white space around it",
		`,"apiKey":"qwe\u0007rtz"`:     "contains a control character",
		`,"apiKey":{"value":"qwertz"}`: "want a text", `,"apiKey":["qwertz"]`: "want a text",
	} {
		client := newClient(t, play(ok(`{"productId":10005977`+apiKey+`}`)), func(c *Config) { c.RetryBudget = -1 })
		key, err := client.ProductKey(t.Context(), testProduct)
		if key != "" || err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "rtz") {
			t.Errorf("%s: got %q, %v, want %q", apiKey, key, err, says)
		}
		if got := client.sanitizer.sanitize("a b"); got != "a b" {
			t.Errorf("%s: got %q for a text without the key", apiKey, got)
		}
		if wrongType := says == "want a text"; IsTransient(err) != wrongType {
			t.Errorf("%s: got a transient failure %t: %v", apiKey, IsTransient(err), err)
		}
	}
	const product = `{"productId":10005977,"apiKey":"qwertz"}`
	for _, result := range []string{product, `{"total":1,"list":[` + product + `]}`} {
		client := newClient(t, play(ok(result)))
		product, _ := client.Product(t.Context(), testProduct)
		products, _ := client.Products(t.Context(), "", 0)
		if text := fmt.Sprintf("%+v %+v", product, products); strings.Contains(text, "qwertz") || !strings.Contains(text, "10005977") {
			t.Errorf("got %s, want the product without its key", text)
		}
	}
}

// Once the client has read a key, no error and no Attempt has it, in no call and in no
// encoding, however the platform repeats it.
func TestKeyThatWasReadIsRemoved(t *testing.T) {
	t.Parallel()
	quoted, _ := json.Marshal(canaryKey)
	for _, form := range spellings(canaryKey) {
		said, _ := json.Marshal("no " + form + " yes")
		for place, again := range map[string]step{
			"msg": respond(200, `{"code":7,"msg":`+string(said)+`}`), "code": respond(200, `{"code":`+string(said)+`}`),
			"not JSON": respond(200, "no "+form), "gateway": respond(400, "no "+form), "header": respond(400, "", "X-Ag-Message", form),
		} {
			var attempts []Attempt
			client := newClient(t, play(ok(`{"productId":10005977,"apiKey":`+string(quoted)+`}`), again), func(c *Config) {
				c.RetryBudget = -1
				c.Observe = func(_ context.Context, a Attempt) { attempts = append(attempts, a) }
			})
			if key, err := client.ProductKey(t.Context(), testProduct); err != nil || key != canaryKey {
				t.Fatalf("got %q, %v", key, err)
			}
			for name, call := range lookUps {
				_, err := call(t.Context(), client)
				text := fmt.Sprintf("%v %+v %+v", err, *failureOf(t, err), attempts)
				quoted := place != "not JSON" && place != "gateway" || failureOf(t, err).Service != productService.name
				if strings.Contains(text, form) || quoted && !strings.Contains(text, redacted) {
					t.Errorf("%s of %s in %s: got %s", name, form, place, text)
				}
			}
		}
	}
}

// A response that is no product may still have the keys of products. No error and no
// Attempt shows one, although the client does not know them.
func TestNoErrorContainsAProductKey(t *testing.T) {
	t.Parallel()
	product := `{"productId":10005977,"apiKey":"qwertz","productName":"n"}`
	text, _ := json.Marshal(product)
	textInText, _ := json.Marshal(string(text))
	bodies := map[string]string{
		"no code":        `{"result":` + product + `}`,
		"list, no code":  `{"msg":"ok","result":{"total":1,"list":[` + product + `]}}`,
		"trailing comma": `{"code":0,"result":` + product + `,}`,
		"text":           `{"result":` + string(text) + `}`,
		"text in text":   `{"result":` + string(textInText) + `}`,
		"wrong type":     `{"code":0,"result":{"productId":` + string(text) + `,"list":` + string(text) + `}}`,
		"wrong result":   `{"code":0,"result":` + string(text) + `}`,
		"wrong rows":     `{"code":0,"result":{"total":1,"list":[` + string(text) + `]}}`,
		"msg":            `{"code":1,"msg":` + string(text) + `}`,
		"desc":           `{"code":1,"desc":` + string(text) + `}`,
		"code":           `{"code":` + string(text) + `}`,
		"no label":       `{"code":0,"result":{"total":1,"productId":"qwertz","list":[{"productId":"qwertz"}]}}`,
		"other label":    `{"result":{"secret":"qwertz","主密钥":"qwertz"}}`,
		"HTML":           `<html><td>apiKey</td><td>qwertz</td></html>`,
		"XML":            `<product><apiKey>qwertz</apiKey></product>`,
		"Java":           `Product{productId=10005977, apiKey='qwertz'}`,
		"form":           `productId=10005977&apiKey=qwertz`,
		"two envelopes":  `{"code":0,"result":` + product + `}{"code":0}`,
		"gateway":        `{"error_code":"x","error_desc":` + string(text) + `}`,
	}
	whole := `{"code":0,"result":{"total":1,"list":[` + product + `]}}`
	for n := range len(whole) - 1 {
		bodies[fmt.Sprintf("cut after %d bytes", n)] = whole[:n]
	}
	for name, body := range bodies {
		for _, status := range []int{http.StatusOK, http.StatusBadRequest, http.StatusInternalServerError} {
			var attempts []Attempt
			client := newClient(t, play(respond(status, body)), func(c *Config) {
				c.RetryBudget = -1
				c.Observe = func(_ context.Context, a Attempt) { attempts = append(attempts, a) }
			})
			for call, run := range lookUps {
				_, err := run(t.Context(), client)
				if strings.HasSuffix(name, " label") && !strings.HasPrefix(call, "QueryProduct") {
					continue // only results of aep_product_management contain keys
				}
				if err == nil {
					t.Errorf("%s: %s %d: got no error", call, name, status)
					continue
				}
				// No part of the key either.
				if said := fmt.Sprintf("%v %+v %+v", err, *failureOf(t, err), attempts[len(attempts)-1]); strings.Contains(said, "qwe") {
					t.Errorf("%s: %s %d: got %s", call, name, status, said)
				}
			}
		}
	}
}

// A failure of the product service may contain keys without a label. Only documented members are quoted, without long
// tokens.
func TestNoFailureContainsAKeyWithoutALabel(t *testing.T) {
	t.Parallel()
	const key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	for said, want := range map[string]string{
		key: redacted, key + " is the apiKey": redacted + " is the apiKey", "主密钥：" + key: "主密钥：" + redacted,
		`{"secret":"` + key + `"}`: `{"secret":"` + redacted + `"}`, "productId=10005977 is missing": "productId=10005977 is missing",
		"no /aep_product_management/product": "no /aep_product_management/product",
	} {
		text, _ := json.Marshal(said)
		for place, failure := range map[string]step{
			"msg": respond(200, `{"code":7,"msg":`+string(text)+`}`), "desc": respond(200, `{"code":7,"desc":`+string(text)+`}`),
			"error_desc": respond(400, `{"error_desc":`+string(text)+`}`), "gateway's msg": respond(400, `{"msg":`+string(text)+`}`),
			"header": respond(400, "", "X-Ag-Message", said),
		} {
			_, err := newClient(t, play(failure)).Product(t.Context(), testProduct)
			if got := failureOf(t, err).Message; got != want {
				t.Errorf("%s in %s: got %s, want %s", said, place, got, want)
			}
		}
		for _, body := range []string{said, `{"secret":` + string(text) + `}`, `{"token":` + string(text) + `}`, string(text)} {
			_, err := newClient(t, play(respond(400, body))).Product(t.Context(), testProduct)
			if got := failureOf(t, err).Message; got != "Bad Request" {
				t.Errorf("%s: got %s, want no part of the body", body, got)
			}
		}
	}
}

// Keys are read while other calls fail. The race detector checks the rest.
func TestKeysAreReadWhileCallsFail(t *testing.T) {
	t.Parallel()
	client := newClient(t, play(oneService("aep_product_management",
		ok(`{"productId":10005977,"apiKey":"qwertz"}`), respond(http.StatusBadRequest, "no qwertz"))))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				_ = aRead(t.Context(), client)
			}
		})
		group.Go(func() {
			if _, err := client.ProductKey(t.Context(), testProduct); err != nil {
				t.Error(err)
			}
			if err := aRead(t.Context(), client); err == nil || !strings.HasSuffix(err.Error(), "no "+redacted) {
				t.Errorf("got %v, want %s for the key", err, redacted)
			}
		})
	}
	group.Wait()
}
