package simulator

import (
	"fmt"
	"time"
)

// The business codes. The API document gives none for these operations. 1002,
// 8802 and 8803 are known from the platform's other services; the other codes
// are the simulator's own.
const (
	CodeProductMissing  = 1002
	CodeParse           = 8802
	CodeParameter       = 8803
	CodeTaskMissing     = 2501
	CodeFirmwareMissing = 2502
	CodeNameTaken       = 2503
	CodeTaskState       = 2504
	CodeNoDevices       = 2505
	CodeDevice          = 2506
	CodeSubtask         = 2507
	CodeTooManyIDs      = 2508
	CodeProtocol        = 2509
	CodeUnapproved      = 2510
	CodeUnsubscribed    = 2511
	CodeFlow            = 8429
)

// Refusal is a business error: HTTP 200 with a code other than zero.
type Refusal struct {
	Code    int
	Message string
}

// Error returns the code and the message.
func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Message) }

func refuse(code int, format string, args ...any) error {
	return &Refusal{Code: code, Message: fmt.Sprintf(format, args...)}
}

var errTaskZero = refuse(CodeTaskMissing, "任务不存在")

func missingTask(id int64) error {
	return refuse(CodeTaskMissing, "升级任务不存在: %d", id)
}

// gatewayError is a refusal of the gateway: an HTTP status with error_code
// and error_desc, which is sent after a time.
type gatewayError struct {
	status int
	desc   string
	after  time.Duration
}

func (e *gatewayError) Error() string { return fmt.Sprintf("%d %s", e.status, e.desc) }

func gateway(status int, format string, args ...any) error {
	return &gatewayError{status: status, desc: fmt.Sprintf(format, args...)}
}
