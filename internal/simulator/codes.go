package simulator

// Phase is the meaning of a subtask's number, which differs by protocol and
// by code table.
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

// CodeTable chooses what the numbers of an LwM2M subtask mean. The platform
// changed the table under one and the same version string.
type CodeTable int

// The two LwM2M code tables. The zero value is the table of the document.
const (
	Table2019 CodeTable = iota
	Table2022
)

// codes is one code table: which number stands for which step.
type codes struct {
	joined    int   // joined to a task that has not been started
	waiting   int   // started, waiting
	stages    []int // in progress, in order
	succeeded int
	failed    int
	cancelled int
	phases    map[int]Phase
	low, high int // accepted by the taskStatus filter
}

func (c *codes) phase(code int) Phase {
	if phase, known := c.phases[code]; known {
		return phase
	}
	return PhaseUnknown
}

// noState is never shown: a T-Link subtask that was cancelled and stands in
// none of the four states.
const noState = -1

const (
	code2019Cancelling   = 9
	code2019CancelFailed = 11
)

var tLinkCodes = codes{
	joined: 1, waiting: 1, stages: []int{2}, succeeded: 3, failed: 4, cancelled: noState,
	low: 1, high: 4,
	phases: map[int]Phase{
		1: PhaseWaiting, 2: PhaseInProgress, 3: PhaseSucceeded, 4: PhaseFailed, noState: PhaseCancelled,
	},
}

var lwm2mCodes2019 = codes{
	joined: 0, waiting: 0, stages: []int{2, 4, 6}, succeeded: 8, failed: 7, cancelled: 10,
	low: 0, high: 11,
	phases: map[int]Phase{
		0: PhaseWaiting, 2: PhaseInProgress, 4: PhaseInProgress, 6: PhaseInProgress, 8: PhaseSucceeded,
		1: PhaseFailed, 3: PhaseFailed, 5: PhaseFailed, 7: PhaseFailed,
		code2019Cancelling: PhaseInProgress, 10: PhaseCancelled, code2019CancelFailed: PhaseInProgress,
	},
}

var lwm2mCodes2022 = codes{
	joined: 0, waiting: 1, stages: []int{2}, succeeded: 3, failed: 4, cancelled: 5,
	low: 0, high: 5,
	phases: map[int]Phase{
		0: PhaseWaiting, 1: PhaseWaiting, 2: PhaseInProgress,
		3: PhaseSucceeded, 4: PhaseFailed, 5: PhaseCancelled,
	},
}
