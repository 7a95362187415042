package progress

import (
	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Phase is the meaning of a subtask's state, whatever its code.
type Phase string

// The phases of a subtask.
const (
	Waiting    Phase = "waiting"
	InProgress Phase = "in_progress"
	Succeeded  Phase = "succeeded"
	Failed     Phase = "failed"
	Cancelled  Phase = "cancelled"
	Unknown    Phase = "unknown" // the code proves nothing; never final
)

// Phases lists every phase, in the order of a subtask's life.
var Phases = []Phase{Waiting, InProgress, Succeeded, Failed, Cancelled, Unknown}

// Final reports whether a subtask in this phase no longer changes.
func (p Phase) Final() bool { return p == Succeeded || p == Failed || p == Cancelled }

// CodeTable is a numbering of LwM2M subtask states. The platform's documents
// have two under one API version.
type CodeTable string

// The numberings.
const (
	TableAuto CodeTable = "auto" // the evidence decides, and a success must be proven
	Table2019 CodeTable = "2019"
	Table2022 CodeTable = "2022"
)

// CodeTables lists the valid values.
var CodeTables = []CodeTable{TableAuto, Table2019, Table2022}

// Codes whose rows can prove which numbering the platform follows.
const (
	Success2022 aep.SubtaskCode = 3 // a failed dispatch in the table of 2019
	Failure2022 aep.SubtaskCode = 4 // a download in the table of 2019
)

// TLinkFailed is the code of a failure. A platform may also show cancelled devices so.
const TLinkFailed aep.SubtaskCode = 4

// The codes of a cancel in progress, which only the table of 2019 has.
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

// Codes returns the state codes that the API can filter by. Codes that may be active
// come first, so that no device is missed that changes meanwhile.
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
