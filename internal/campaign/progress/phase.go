package progress

import (
	"slices"

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

// CodeTable is a numbering of LwM2M subtask states. The platform's documents have two under one API version.
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

// TLinkFailed is the code of a failure. A platform may also show it for a cancelled device.
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

// Codes returns the state codes that the API can filter by, in the order of Rounds.
func Codes(protocol aep.Protocol, table CodeTable) []aep.SubtaskCode {
	return slices.Concat(Rounds(protocol, table)...)
}

// Rounds returns the codes in rounds. The states of one round are counted side by side, after those of the
// rounds before it. A device that moves from one state of a round to another may be in neither count. For T-Link
// both are final then. For LwM2M, Uncounted and Counts.MayLack show such a device.
func Rounds(protocol aep.Protocol, table CodeTable) [][]aep.SubtaskCode {
	switch {
	case protocol == aep.TLink:
		return [][]aep.SubtaskCode{{1}, {2}, {3, 4}}
	case table == Table2022:
		return [][]aep.SubtaskCode{{0, 1, 2}, {3, 4, 5}}
	default:
		return [][]aep.SubtaskCode{{0, 1, 2, 4}, {6, 9, 11, 3}, {5, 7, 8, 10}}
	}
}

// CancelledCodes returns the codes of LwM2M subtasks that are cancelled in a possible numbering. T-Link has none.
func CancelledCodes(protocol aep.Protocol, table CodeTable) []aep.SubtaskCode {
	const cancelled2019, cancelled2022 aep.SubtaskCode = 10, 5
	switch {
	case protocol == aep.TLink:
		return nil
	case table == Table2019:
		return []aep.SubtaskCode{cancelled2019}
	case table == Table2022:
		return []aep.SubtaskCode{cancelled2022}
	}
	return []aep.SubtaskCode{cancelled2019, cancelled2022}
}

// PhaseOf returns the phase of one code without further evidence. With TableAuto a code above 5 belongs to
// the table of 2019. Other codes have a phase only if both tables agree.
func PhaseOf(protocol aep.Protocol, code aep.SubtaskCode, table CodeTable) Phase {
	d := NewDecoder(protocol, table)
	d.See(code, "")
	return d.Phase(code)
}

// Decoder maps the state codes of one task to phases. With TableAuto the evidence decides the numbering, so
// every row must be seen before the first phase is asked for.
type Decoder struct {
	protocol aep.Protocol
	table    CodeTable
	Firmware string // version that the task installs, "" if not known
	Finished bool   // the task is finished: none of its devices is under way
	old      bool   // a code was seen that only the table of 2019 has
	ended    bool   // a failure of 2022 was seen that has ended, which excludes 2019
	proven   bool   // a success of 2022 was seen with the version it installed
}

// NewDecoder returns a decoder without evidence; an empty table is TableAuto.
func NewDecoder(protocol aep.Protocol, table CodeTable) *Decoder {
	if table == "" {
		table = TableAuto
	}
	return &Decoder{protocol: protocol, table: table}
}

// See records as evidence a code, and the version that its row proves to be installed, "" for none.
func (d *Decoder) See(code aep.SubtaskCode, installed string) {
	if int(code) >= len(phases2022) && int(code) < len(phases2019) {
		d.old = true
	}
	if code == Success2022 && installed != "" && (d.Firmware == "" || d.Firmware == installed) {
		d.proven = true
	}
}

// SeeRows records rows as evidence.
func (d *Decoder) SeeRows(rows ...aep.Subtask) {
	for _, row := range rows {
		d.See(row.Code, InstalledVersion(row))
		// After a retry, a row may keep the end time of the first try.
		if row.Code == Failure2022 && !row.FinishedAt.IsZero() && !row.FinishedAt.Before(row.UpdatedAt) {
			d.ended = true
		}
	}
}

// InstalledVersion returns the firmware version that an upgrade has installed, "" if the row still shows the
// version before it.
func InstalledVersion(row aep.Subtask) string {
	if row.VersionAfter == row.VersionBefore {
		return ""
	}
	return row.VersionAfter
}

// meanings returns the phases that a code may mean: one for each numbering that the evidence does not
// exclude.
func (d *Decoder) meanings(code aep.SubtaskCode) []Phase {
	switch {
	case d.protocol == aep.TLink:
		return []Phase{phaseIn(tLinkPhases, code)}
	case d.decided() == Table2019:
		return []Phase{phaseIn(phases2019, code)}
	case d.table == Table2022 || d.proven || d.ended && code != Success2022:
		return []Phase{phaseIn(phases2022, code)}
	}
	return []Phase{phaseIn(phases2019, code), phaseIn(phases2022, code)}
}

func phaseIn(phases []Phase, code aep.SubtaskCode) Phase {
	if code < 0 || int(code) >= len(phases) || phases[code] == "" {
		return Unknown
	}
	return phases[code]
}

// Phase returns the phase of a code, Unknown if the possible numberings differ.
func (d *Decoder) Phase(code aep.SubtaskCode) Phase {
	if d.Undecided(code) {
		return Unknown
	}
	return d.meanings(code)[0]
}

// decided returns the numbering in use, TableAuto if nothing has decided it.
func (d *Decoder) decided() CodeTable {
	switch {
	case d.protocol == aep.TLink || d.table != TableAuto:
		return d.table
	case d.old:
		return Table2019
	case d.proven || d.ended:
		return Table2022
	}
	return TableAuto
}

// Undecided reports whether the possible numberings give a code different phases.
func (d *Decoder) Undecided(code aep.SubtaskCode) bool {
	m := d.meanings(code)
	return m[0] != m[len(m)-1]
}

// MaybeActive reports whether a subtask with this code may still change under a possible numbering.
func (d *Decoder) MaybeActive(code aep.SubtaskCode) bool {
	if d.Finished && d.Undecided(code) {
		return !d.MaybeFinal(code) // the numbering by which it is under way is excluded
	}
	return slices.ContainsFunc(d.meanings(code), func(p Phase) bool { return !p.Final() })
}

// MaybeFinal reports whether a code is final in a possible numbering.
func (d *Decoder) MaybeFinal(code aep.SubtaskCode) bool {
	return slices.ContainsFunc(d.meanings(code), Phase.Final)
}

// MaybeForeign reports whether the platform may not know a code, because it may follow the table of 2022.
func (d *Decoder) MaybeForeign(code aep.SubtaskCode) bool {
	return d.protocol != aep.TLink && d.table == TableAuto && int(code) >= len(phases2022)
}

// Cancelling reports whether the platform is cancelling the subtask.
func (d *Decoder) Cancelling(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelling2019
}

// CancelFailed reports whether the platform has failed to cancel the subtask.
func (d *Decoder) CancelFailed(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelFailed2019
}

// Cancelled reports whether a subtask was cancelled. T-Link has no code for that and may show failed. In a
// pending task no device can have failed.
func (d *Decoder) Cancelled(code aep.SubtaskCode, pending bool) bool {
	switch {
	case d.Phase(code) == Cancelled:
		return true
	case !pending || code == aep.NoSubtaskCode:
		return false
	case d.protocol == aep.TLink:
		return d.Phase(code) == Failed
	}
	return d.decided() == TableAuto && NewDecoder(d.protocol, Table2022).Phase(code) == Cancelled
}
