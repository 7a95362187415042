package simulator

import (
	"encoding/json"
	"time"
)

// Quirks are the switches for what the document leaves open. They are
// independent: every combination of them, and of those of Upgrade and Paging,
// is a platform that may exist. The zero value of each is the strict choice.
// Lags between 0 and 20 s are usual. TotalOffset, IgnorePageNow, RepeatRow,
// SkipRow, OmitMembers and NullReads are faults rather than choices.
type Quirks struct {
	// JobStatus holds the numbers shown for pending, running and finished.
	JobStatus JobStatusCodes

	// RefuseModifyStarted refuses PUT /task once the task was started.
	RefuseModifyStarted bool
	// DeleteRunning chooses what DELETE /task does to a running task.
	DeleteRunning DeleteRunning
	// RefuseDeleteWaiting refuses to delete a pending task that has devices.
	RefuseDeleteWaiting bool
	// AcceptDeleteMissing answers the deletion of a missing task with SUCCESS.
	AcceptDeleteMissing bool
	// RefuseJoinRunning refuses to join devices to a running task.
	RefuseJoinRunning bool
	// AcceptSecondStart answers the start of a started task with SUCCESS.
	AcceptSecondStart bool
	// AcceptEmptyStart starts a task without devices, which ends at once.
	AcceptEmptyStart bool

	// MaxOperationalIDs is the most ids of one /operational call. Zero means any.
	MaxOperationalIDs int
	// BadID chooses what one bad id does to its batch.
	BadID BadID
	// IgnoreRejoin ignores a device that is joined already; otherwise it is a bad id.
	IgnoreRejoin bool
	// AcceptSecondJoin makes another subtask of a device that is joined already,
	// whatever state the first one is in. Both are listed. If the first is not
	// final, the device is upgraded twice. It precedes IgnoreRejoin.
	AcceptSecondJoin bool
	// RejoinMakesSubtask makes another subtask of a device that was cancelled
	// and joins again. Both are listed. It precedes IgnoreRejoin.
	RejoinMakesSubtask bool
	// IgnoreCancelFinal ignores the cancelling of a final subtask; otherwise it is a bad id.
	IgnoreCancelFinal bool
	// FinishedLeaveJoined takes succeeded and failed devices off the joined list.
	FinishedLeaveJoined bool
	// CancelledLeaveJoined takes cancelled devices off the joined list. They can
	// be joined anew: the new subtask replaces the old one, or stands beside it
	// with RejoinMakesSubtask.
	CancelledLeaveJoined bool
	// TLinkCancelShowsFailed shows a cancelled T-Link subtask as failed (4);
	// otherwise it vanishes from all four states.
	TLinkCancelShowsFailed bool
	// CancelledPendingFinishes finishes a task that was never started once all
	// its subtasks are cancelled; otherwise only a started task can finish.
	CancelledPendingFinishes bool

	// UniqueNames refuses a second task of the same name in a product.
	UniqueNames bool
	// AnyFirmware accepts a firmware of another product, or one that is unknown.
	AnyFirmware bool
	// IgnoreWrongArgument ignores retryTimes for T-Link and outTime for LwM2M,
	// and supplies the one that is missing; otherwise a business error.
	IgnoreWrongArgument bool
	// IgnoreEmptyDescription keeps jobDesc when PUT /task sends "".
	IgnoreEmptyDescription bool
	// NullDescription shows an empty jobDesc as null.
	NullDescription bool
	// Normalize rewrites names and descriptions before they are stored.
	Normalize func(string) string

	// FoldIDs finds a device id without regard to case: in a join, in
	// deviceIdSearch, and in searchValue of /details. Rows show the platform's
	// spelling. An exact match precedes.
	FoldIDs bool
	// StrictTaskID answers a list that is asked for the task 0, or for none,
	// with "任务不存在"; otherwise the parameter is refused.
	StrictTaskID bool

	// Missing chooses what a read of a task that does not exist answers.
	Missing Missing
	// NullReads chooses what every read answers during Platform.SetNullOutage.
	NullReads NullResponse
	// ReadLag is how long readers see a task as it was before PUT /task.
	ReadLag time.Duration
	// JoinLag is how long a join is absent from /details, the joined list of
	// /devices, and allNum. Everything else counts it at once: the device is no
	// candidate, a start upgrades it, and its subtask can be cancelled by id.
	JoinLag time.Duration
	// ListLag is how long a new task is absent from /tasks.
	ListLag time.Duration
	// NumericCodes shows taskState and resultCode as numbers, and taskId as text.
	NumericCodes bool
	// OmitMembers are left out of task objects: of the rows of /tasks, and of
	// the answers of /task and /detail and POST /task. "firmwareId" is one.
	OmitMembers []string
	// OutTimeEverywhere shows outTime 24 for tasks that have none; otherwise 0.
	OutTimeEverywhere bool

	// SignReceived makes the gateway sign the query parameters that it
	// receives, and MasterKey only if the header is there; otherwise every
	// declared parameter, unset ones as empty lines.
	SignReceived bool
}

// JobStatusCodes are the numbers of jobStatus. Zero means 1, 2 and 3.
type JobStatusCodes struct{ Pending, Running, Finished int }

// DeleteRunning is what the deletion of a running task does.
type DeleteRunning int

// The ways to treat the deletion of a running task.
const (
	// DeleteRunningRefused answers with a business error.
	DeleteRunningRefused DeleteRunning = iota
	// DeleteRunningAllowed deletes the task while its devices go on.
	DeleteRunningAllowed
	// DeleteRunningCancels frees the devices and deletes the task.
	DeleteRunningCancels
)

// BadID is what one bad id does to the batch it came with.
type BadID int

// The ways to treat a batch with a bad id.
const (
	// BadIDRejects refuses the whole batch.
	BadIDRejects BadID = iota
	// BadIDSkipped serves the good ids and answers SUCCESS.
	BadIDSkipped
	// BadIDReported serves the good ids and answers with an error.
	BadIDReported
)

// Missing is what a read of a task that does not exist answers.
type Missing int

// The answers for a missing task.
const (
	// MissingError is a business error.
	MissingError Missing = iota
	// MissingNull is code 0 with result null.
	MissingNull
	// MissingEmptyObject is code 0 with result {}.
	MissingEmptyObject
	// MissingEmptyText is code 0 with result "".
	MissingEmptyText
)

// NullResponse is the result of a read during Platform.SetNullOutage.
type NullResponse int

// The results of a read during Platform.SetNullOutage.
const (
	// NullResponseNull is code 0 with result null.
	NullResponseNull NullResponse = iota
	// NullResponseEmptyObject is code 0 with result {}.
	NullResponseEmptyObject
)

func (n NullResponse) result() json.RawMessage {
	if n == NullResponseEmptyObject {
		return json.RawMessage("{}")
	}
	return json.RawMessage("null")
}

// Paging are the switches of every list.
type Paging struct {
	// MaxPageSize is the largest page; more is served as this. Zero means any.
	MaxPageSize int
	// ReportRequested shows the requested pageSize though another was served.
	ReportRequested bool
	// IgnorePageNow serves the first page whatever was asked.
	IgnorePageNow bool
	// TotalOffset is added to every total.
	TotalOffset int
	// RepeatRow begins every page but the first with the last row of the page before.
	RepeatRow bool
	// SkipRow leaves out the first row of every page but the first.
	SkipRow bool
	// NullList shows an empty list as null.
	NullList bool
}
