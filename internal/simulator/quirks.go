package simulator

import (
	"encoding/json"
	"time"
)

// Quirks are the switches for what the API document leaves open. They are
// independent of each other, and of Upgrade and Paging: every combination is
// a possible platform. The zero value is the strict choice. Realistic lags
// are 0 to 20 s. TotalOffset, IgnorePageNow, RepeatRow, SkipRow, OmitMembers
// and NullReads are faults, not choices.
type Quirks struct {
	// JobStatus has the numbers of pending, running and finished.
	JobStatus JobStatusCodes

	// RefuseModifyStarted refuses PUT /task after the start of the task.
	RefuseModifyStarted bool
	// DeleteRunning chooses the effect of DELETE /task on a running task.
	DeleteRunning DeleteRunning
	// RefuseDeleteWaiting refuses to delete a pending task that has devices.
	RefuseDeleteWaiting bool
	// AcceptDeleteMissing accepts the deletion of a missing task.
	AcceptDeleteMissing bool
	// RefuseJoinRunning refuses to join devices to a running task.
	RefuseJoinRunning bool
	// AcceptSecondStart accepts the start of a started task.
	AcceptSecondStart bool
	// AcceptEmptyStart starts a task without devices, which finishes at once.
	AcceptEmptyStart bool

	// MaxOperationalIDs is the highest number of ids in one call of
	// /operational. Zero means no limit.
	MaxOperationalIDs int
	// TooManyIDs chooses the effect of a call with more ids than
	// MaxOperationalIDs.
	TooManyIDs TooManyIDs
	// OneRefusal refuses a call with too many ids with the code of a bad id.
	OneRefusal bool
	// GatewayTimeout is the time after which the gateway ends a call under
	// TooManyIDsTimeout, in addition to Latency. Zero means 1 s.
	GatewayTimeout time.Duration
	// BadID chooses the effect of a bad id on its batch.
	BadID BadID
	// IgnoreRejoin ignores a device that is joined already. Otherwise it is a
	// bad id.
	IgnoreRejoin bool
	// AcceptSecondJoin makes another subtask of a device that is joined
	// already, in any state. Both are listed. If the first is not final, the
	// device is upgraded twice. IgnoreRejoin has no effect then.
	AcceptSecondJoin bool
	// RejoinMakesSubtask makes another subtask of a device that was cancelled
	// and joins again. Both are listed. IgnoreRejoin has no effect on it.
	RejoinMakesSubtask bool
	// IgnoreCancelFinal ignores the cancel of a final subtask. Otherwise it
	// is a bad id.
	IgnoreCancelFinal bool
	// FinishedLeaveJoined removes succeeded and failed devices from the
	// joined list.
	FinishedLeaveJoined bool
	// CancelledLeaveJoined removes cancelled devices from the joined list.
	// Such a device can join again. The new subtask replaces the old one, or
	// is listed beside it under RejoinMakesSubtask.
	CancelledLeaveJoined bool
	// TLinkCancelShowsFailed shows a cancelled T-Link subtask as failed (4).
	// Otherwise it is in none of the four states.
	TLinkCancelShowsFailed bool
	// CancelledPendingFinishes finishes a task that was not started when all
	// its subtasks are cancelled. Otherwise the task stays pending.
	CancelledPendingFinishes bool

	// UniqueNames refuses a second task of the same name in a product.
	UniqueNames bool
	// AnyFirmware accepts unknown firmware and firmware of another product.
	AnyFirmware bool
	// IgnoreWrongArgument ignores retryTimes for T-Link and outTime for
	// LwM2M, and supplies the missing argument. Otherwise both are errors.
	IgnoreWrongArgument bool
	// IgnoreEmptyDescription keeps jobDesc when PUT /task sends "".
	IgnoreEmptyDescription bool
	// NullDescription shows an empty jobDesc as null.
	NullDescription bool
	// Normalize rewrites names and descriptions before they are stored.
	Normalize func(string) string

	// FoldIDs ignores the case of a device id in a join, in deviceIdSearch,
	// and in searchValue of /details. Responses have the id of the seed. An
	// exact match precedes.
	FoldIDs bool
	// StrictTaskID refuses a list of task 0, or of no task, with "任务不存在".
	// Otherwise this is a parameter error.
	StrictTaskID bool

	// Missing chooses the response to a read of a task that does not exist.
	Missing Missing
	// NullReads chooses the result of every read during SetNullOutage.
	NullReads NullResponse
	// ReadLag is the time during which reads show a task as it was before PUT
	// /task.
	ReadLag time.Duration
	// JoinLag is the time during which a join is absent from /details, from
	// the joined list of /devices, and from allNum. All else counts the join
	// at once: the device is no candidate, a start upgrades it, and its
	// subtask can be cancelled.
	JoinLag time.Duration
	// JoinLagWay chooses which subtasks of a join are absent for how long.
	JoinLagWay JoinLagWay
	// ListLag is the time during which a new task is absent from /tasks.
	ListLag time.Duration
	// NumericCodes shows taskState and resultCode as numbers, and taskId as
	// text.
	NumericCodes bool
	// OmitMembers are absent from the responses of /tasks, /task, /detail and
	// POST /task. An example is "firmwareId".
	OmitMembers []string
	// OutTimeEverywhere shows outTime 24 for tasks that have none. Otherwise
	// 0.
	OutTimeEverywhere bool

	// HideVersions selects devices whose firmwareVersion /devices shows as "".
	HideVersions func(deviceID string) bool

	// SignReceived makes the signature cover only the query parameters that
	// arrive, and MasterKey if the header is present. Otherwise it covers
	// every declared parameter, unset ones as empty lines.
	SignReceived bool
}

// JobStatusCodes are the numbers of jobStatus. Zero means 1, 2 and 3.
type JobStatusCodes struct{ Pending, Running, Finished int }

// DeleteRunning is the effect of deleting a running task.
type DeleteRunning int

// The effects of deleting a running task.
const (
	// DeleteRunningRefused is a business error.
	DeleteRunningRefused DeleteRunning = iota
	// DeleteRunningAllowed deletes the task, and its devices continue.
	DeleteRunningAllowed
	// DeleteRunningCancels deletes the task and frees its devices.
	DeleteRunningCancels
)

// TooManyIDs is the effect of a call with too many ids.
type TooManyIDs int

// The effects of too many ids.
const (
	// TooManyIDsRefused is a business error.
	TooManyIDsRefused TooManyIDs = iota
	// TooManyIDsBadRequest is HTTP 400 of the gateway.
	TooManyIDsBadRequest
	// TooManyIDsTimeout is HTTP 504 of the gateway after GatewayTimeout. The
	// request is not carried out. A client whose own time limit is shorter
	// receives no response.
	TooManyIDsTimeout
	// TooManyIDsTruncated drops the ids beyond the limit, and serves the
	// others as if they were the whole batch.
	TooManyIDsTruncated
	// TooManyIDsReported drops the ids beyond the limit, serves the others,
	// and responds with the business error of TooManyIDsRefused.
	TooManyIDsReported
)

// JoinLagWay is the way in which lists lag behind joins.
type JoinLagWay int

// The ways of lists that lag behind.
const (
	// JoinLagWhole shows every join after JoinLag.
	JoinLagWhole JoinLagWay = iota
	// JoinLagEach shows each subtask after a time of its own, at most JoinLag.
	JoinLagEach
	// JoinLagTail shows the first half of a join at once, and the rest after
	// JoinLag.
	JoinLagTail
	// JoinLagTick shows joins only at full multiples of JoinLag.
	JoinLagTick
)

// BadID is the effect of one bad id on its batch.
type BadID int

// The effects of a bad id.
const (
	// BadIDRejects refuses the whole batch.
	BadIDRejects BadID = iota
	// BadIDSkipped serves the good ids and responds with SUCCESS.
	BadIDSkipped
	// BadIDReported serves the good ids and responds with an error.
	BadIDReported
	// BadIDStops serves the ids before the first bad one and responds with an
	// error.
	BadIDStops
)

// Missing is the response to a read of a task that does not exist.
type Missing int

// The responses for a missing task.
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

// Paging has the switches of lists. Options.Paging is for those of
// UpgradeService, LookUps has those of the others.
type Paging struct {
	// MaxPageSize limits the rows of a page. Zero means no limit.
	MaxPageSize int
	// TooLarge chooses the response to a pageSize above MaxPageSize.
	TooLarge PageTooLarge
	// OffsetByRequested computes the first row of a page from the requested
	// pageSize, even if the page is smaller. A client that continues to
	// request more rows than MaxPageSize misses rows.
	OffsetByRequested bool
	// ReportRequested shows the requested pageSize, even if the page is
	// smaller.
	ReportRequested bool
	// IgnorePageNow serves the first page for every pageNow.
	IgnorePageNow bool
	// TotalOffset is added to every total.
	TotalOffset int
	// RepeatRow begins every page after the first with the last row of the
	// page before.
	RepeatRow bool
	// SkipRow omits the first row of every page after the first.
	SkipRow bool
	// NullList shows an empty list as null.
	NullList bool
}

// PageTooLarge is the response to a pageSize above MaxPageSize.
type PageTooLarge int

// The responses to a pageSize that is too large.
const (
	// PageTooLargeCapped is a page of MaxPageSize rows.
	PageTooLargeCapped PageTooLarge = iota
	// PageTooLargeRefused is a parameter error.
	PageTooLargeRefused
	// PageTooLargeBadRequest is HTTP 400 of the gateway.
	PageTooLargeBadRequest
)
