package simulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// OpEcho is the name of GET /echo in the journal.
const OpEcho = "Echo"

const echoPath = "/echo"

// endpoint is one operation in one version of its document. query has the
// declared query parameters.
type endpoint struct {
	service, operation, method, path, version string

	query  []string
	key    keyUse
	write  bool
	lookUp bool
	serve  func(*Platform, *call) (json.RawMessage, error)
}

// keyUse is how an operation declares the header MasterKey.
type keyUse int

const (
	keyOptional keyUse = iota
	keyRequired
	keyUndeclared
)

// hasBody reports whether the document gives the operation a body.
func (e *endpoint) hasBody() bool {
	return e.method == http.MethodPost || e.method == http.MethodPut
}

// target holds the ids that a request names. Zero means none.
type target struct{ product, job int64 }

// targetOf returns the target of a request that has not been checked: it
// ignores errors. The journal and the check of MasterKey use it.
func targetOf(e *endpoint, query url.Values, body []byte) target {
	var t target
	t.product, _ = strconv.ParseInt(query.Get("productId"), 10, 64)
	if e == nil || !e.lookUp {
		t.job, _ = strconv.ParseInt(query.Get("id"), 10, 64)
	}
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
