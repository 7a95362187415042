package simulator

// FaultKind is a kind of failure between client and platform.
type FaultKind string

// The kinds of faults. A kind also decides whether the request is processed.
const (
	// ConnectionRefused fails the dial, so that nothing is sent. On a real
	// listener the connection is cut instead.
	ConnectionRefused FaultKind = "connection_refused"
	// ResetBefore cuts the connection. The request is not processed.
	ResetBefore FaultKind = "reset_before"
	// ResetAfter processes the request and cuts the connection.
	ResetAfter FaultKind = "reset_after"
	// StatusBefore responds with Status. The request is not processed.
	StatusBefore FaultKind = "status_before"
	// StatusAfter processes the request and responds with Status.
	StatusAfter FaultKind = "status_after"
	// TruncatedJSON processes the request and sends the first half of the
	// body. Content-Length is that of the half.
	TruncatedJSON FaultKind = "truncated_json"
	// NullBody processes the request and sends the body null.
	NullBody FaultKind = "null_body"
	// EmptyBody processes the request and sends HTTP 200 without a body.
	EmptyBody FaultKind = "empty_body"
	// EmptyResult processes the request and sends code 0 with result null.
	EmptyResult FaultKind = "empty_result"
	// RewriteBody processes the request and sends the body that Rewrite
	// returns.
	RewriteBody FaultKind = "rewrite_body"
	// SlowBody processes the request and sends one byte per Interval.
	SlowBody FaultKind = "slow_body"
	// HTMLPage sends an HTML page with HTTP 200. The request is not
	// processed.
	HTMLPage FaultKind = "html_page"
	// BusinessError sends Code and Message with HTTP 200. The request is not
	// processed.
	BusinessError FaultKind = "business_error"
	// HangBefore holds the request until the client gives up. It is not
	// processed.
	HangBefore FaultKind = "hang_before"
	// HangAfter processes the request and holds the response until the client
	// gives up.
	HangAfter FaultKind = "hang_after"
	// Late processes the request after Interval and then responds, even if
	// the client has given up.
	Late FaultKind = "late"
	// Redirect sends Status (302) with Location. The request is not
	// processed.
	Redirect FaultKind = "redirect"
	// HugeBody sends a valid envelope of Bytes bytes. The request is not
	// processed.
	HugeBody FaultKind = "huge_body"
	// GzipBomb sends Bytes blanks, compressed. The request is not processed.
	GzipBomb FaultKind = "gzip_bomb"
	// DeepJSON sends arrays nested Bytes deep. The request is not processed.
	DeepJSON FaultKind = "deep_json"
	// Custom calls Handle.
	Custom FaultKind = "custom"
)
