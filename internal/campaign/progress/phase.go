package progress

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Phase is what a subtask's state means, whatever its number.
type Phase string

// The phases of a subtask.
const (
	Waiting    Phase = "waiting"
	InProgress Phase = "in_progress"
	Succeeded  Phase = "succeeded"
	Failed     Phase = "failed"
	Cancelled  Phase = "cancelled"
	Unknown    Phase = "unknown" // a code that proves nothing; never final
)

// Phases lists every phase in the order of a subtask's life.
var Phases = []Phase{Waiting, InProgress, Succeeded, Failed, Cancelled, Unknown}

// Final reports whether a subtask of this phase will not change by itself.
func (p Phase) Final() bool { return p == Succeeded || p == Failed || p == Cancelled }

// CodeTable is a numbering of LwM2M subtask states. The platform's documents
// have two under one API version.
type CodeTable string

// The numberings.
const (
	TableAuto CodeTable = "auto" // find out, and prove a success before reporting it
	Table2019 CodeTable = "2019"
	Table2022 CodeTable = "2022"
)

// CodeTables lists the valid values.
var CodeTables = []CodeTable{TableAuto, Table2019, Table2022}

// Codes whose rows can tell which numbering the platform follows.
const (
	Success2022 aep.SubtaskCode = 3 // in the table of 2019 a failed dispatch
	Failure2022 aep.SubtaskCode = 4 // in the table of 2019 a download
)

// tLinkFailed is a failure. A platform may show cancelled devices as failed too.
const TLinkFailed aep.SubtaskCode = 4

// The steps of a cancelling, which only the table of 2019 has.
const (
	cancelling2019   aep.SubtaskCode = 9
	cancelFailed2019 aep.SubtaskCode = 11
)

var (
	tLinkPhases = []Phase{1: Waiting, 2: InProgress, 3: Succeeded, 4: Failed}
	phases2019  = []Phase{
		Waiting, Failed, InProgress, Failed, InProgress, Failed,
		InProgress, Failed, Succeeded, InProgress, Cancelled, InProgress,
	}
	phases2022 = []Phase{Waiting, Waiting, InProgress, Succeeded, Failed, Cancelled}
)

// codes returns the numbers that subtasks of a protocol can be asked for, those
// that are or may be active first: while devices move on, none is missed.
func Codes(protocol aep.Protocol, table CodeTable) []aep.SubtaskCode {
	switch {
	case protocol == aep.TLink:
		return aep.TLinkSubtaskCodes
	case table == Table2022:
		return []aep.SubtaskCode{0, 1, 2, 3, 4, 5}
	default:
		return []aep.SubtaskCode{0, 1, 2, 4, 6, 9, 11, 3, 5, 7, 8, 10}
	}
}
