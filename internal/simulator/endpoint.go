package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

const echoPath = "/echo"

// endpoint is one row of the document's API list. Every one of them declares
// the header MasterKey besides its query parameters.
type endpoint struct {
	operation, method, path, version string
	query                            []string
	write                            bool
	serve                            func(*Platform, *call) (json.RawMessage, error)
}

func (e *endpoint) hasBody() bool {
	return e.method == http.MethodPost || e.method == http.MethodPut
}

// target is what a request is about, read leniently for the journal and the
// MasterKey before anything was checked.
type target struct{ product, job int64 }

func targetOf(e *endpoint, query url.Values, body []byte) target {
	var t target
	t.product, _ = strconv.ParseInt(query.Get("productId"), 10, 64)
	t.job, _ = strconv.ParseInt(query.Get("id"), 10, 64)
	if e == nil || !e.hasBody() {
		return t
	}
	object, err := parseObject(body)
	if err != nil {
		return t
	}
	if id, err := integer(object["productId"]); err == nil {
		t.product = id
	}
	if id, err := integer(object["jobId"]); err == nil {
		t.job = id
	}
	return t
}
