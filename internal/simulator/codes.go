package simulator

// Phase is the meaning of a subtask's state code. The codes differ by
// protocol and by code table.
type Phase string

// The phases of a subtask.
const (
	PhaseWaiting    Phase = "waiting"
	PhaseInProgress Phase = "in_progress"
	PhaseSucceeded  Phase = "succeeded"
	PhaseFailed     Phase = "failed"
	PhaseCancelled  Phase = "cancelled"
	PhaseUnknown    Phase = "unknown"
)

func (p Phase) final() bool {
	return p == PhaseSucceeded || p == PhaseFailed || p == PhaseCancelled
}

// CodeTable chooses the state codes of an LwM2M subtask. The platform changed
// the table and kept the version string.
type CodeTable int

// The two LwM2M code tables. The zero value is the table of the API document.
const (
	Table2019 CodeTable = iota
	Table2022
)

// codes are the state codes of one table.
type codes struct {
	joined    int   // before the start of the task
	waiting   int   // after it
	stages    []int // in progress, in this order
	succeeded int
	failed    int
	cancelled int
	phases    map[int]Phase
	low, high int // the range of the taskStatus filter
}

func (c *codes) phase(code int) Phase {
	if phase, known := c.phases[code]; known {
		return phase
	}
	return PhaseUnknown
}

// noState is the code of a cancelled T-Link subtask that has none of the four
// states. No response shows it.
const noState = -1

const (
	code2019Cancelling   = 9
	code2019CancelFailed = 11
)

// API: taskStatus of /details, T-Link.
var tLinkCodes = codes{
	joined: 1, waiting: 1, stages: []int{2}, succeeded: 3, failed: 4, cancelled: noState,
	low: 1, high: 4,
	phases: map[int]Phase{
		1: PhaseWaiting, 2: PhaseInProgress, 3: PhaseSucceeded, 4: PhaseFailed, noState: PhaseCancelled,
	},
}

// API: taskStatus of /details, LwM2M.
var lwm2mCodes2019 = codes{
	joined: 0, waiting: 0, stages: []int{2, 4, 6}, succeeded: 8, failed: 7, cancelled: 10,
	low: 0, high: 11,
	phases: map[int]Phase{
		0: PhaseWaiting, 2: PhaseInProgress, 4: PhaseInProgress, 6: PhaseInProgress, 8: PhaseSucceeded,
		1: PhaseFailed, 3: PhaseFailed, 5: PhaseFailed, 7: PhaseFailed,
		code2019Cancelling: PhaseInProgress, 10: PhaseCancelled, code2019CancelFailed: PhaseInProgress,
	},
}

// The document of 2022 gives these codes to LwM2M, under the same version
// string.
var lwm2mCodes2022 = codes{
	joined: 0, waiting: 1, stages: []int{2}, succeeded: 3, failed: 4, cancelled: 5,
	low: 0, high: 5,
	phases: map[int]Phase{
		0: PhaseWaiting, 1: PhaseWaiting, 2: PhaseInProgress,
		3: PhaseSucceeded, 4: PhaseFailed, 5: PhaseCancelled,
	},
}
