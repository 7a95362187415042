package simulator

// FaultKind is a way to misbehave.
type FaultKind string

// The kinds of faults. Whether the request is processed is part of the kind.
const (
	// ConnectionRefused fails the dial: nothing is sent. A request that came
	// over a real listener is cut instead.
	ConnectionRefused FaultKind = "connection_refused"
	// ResetBefore cuts the connection; the request is not processed.
	ResetBefore FaultKind = "reset_before"
	// ResetAfter processes the request and cuts the connection.
	ResetAfter FaultKind = "reset_after"
	// StatusBefore answers with Status; the request is not processed.
	StatusBefore FaultKind = "status_before"
	// StatusAfter processes the request and answers with Status.
	StatusAfter FaultKind = "status_after"
	// TruncatedJSON processes the request and answers with the first half,
	// whose Content-Length is right.
	TruncatedJSON FaultKind = "truncated_json"
	// NullBody processes the request and answers null.
	NullBody FaultKind = "null_body"
	// EmptyBody processes the request and answers nothing with HTTP 200.
	EmptyBody FaultKind = "empty_body"
	// EmptyResult processes the request and answers code 0 with result null.
	EmptyResult FaultKind = "empty_result"
	// RewriteBody processes the request and answers what Rewrite makes of it.
	RewriteBody FaultKind = "rewrite_body"
	// SlowBody processes the request and sends one byte per Interval.
	SlowBody FaultKind = "slow_body"
	// HTMLPage answers an HTML page with HTTP 200; not processed.
	HTMLPage FaultKind = "html_page"
	// BusinessError answers Code and Message with HTTP 200; not processed.
	BusinessError FaultKind = "business_error"
	// HangBefore holds the request until the client gives up; not processed.
	HangBefore FaultKind = "hang_before"
	// HangAfter processes the request and holds the answer until the client gives up.
	HangAfter FaultKind = "hang_after"
	// Late processes the request after Interval, whether or not the client
	// still waits, and then answers.
	Late FaultKind = "late"
	// Redirect answers Status (302) with Location; not processed.
	Redirect FaultKind = "redirect"
	// HugeBody streams Bytes of a valid envelope; not processed.
	HugeBody FaultKind = "huge_body"
	// GzipBomb sends Bytes of blanks compressed; not processed.
	GzipBomb FaultKind = "gzip_bomb"
	// DeepJSON answers with arrays nested Bytes deep; not processed.
	DeepJSON FaultKind = "deep_json"
	// Custom calls Handle.
	Custom FaultKind = "custom"
)
