package campaign

import (
	"fmt"
	"slices"
	"time"

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
	Unknown    Phase = "unknown" // a number that proves nothing; never final
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

// code2022Success is the number that means success in the newer table and a
// failed dispatch in the older.
const code2022Success aep.SubtaskCode = 3

// code2022Failure is a failure in the newer table and a download in the older.
const code2022Failure aep.SubtaskCode = 4

// The steps of a cancelling that the older table alone knows.
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

// PhaseOf returns the meaning of one code by itself. With TableAuto a code
// above 5 can only be of 2019; any other is read by 2022, but code 3 proves no
// success and is Unknown.
func PhaseOf(protocol aep.Protocol, code aep.SubtaskCode, table CodeTable) Phase {
	d := newDecoder(protocol, table)
	d.see(code, "")
	return d.phase(code)
}

// decoder reads the codes of one task. With TableAuto what it has seen decides
// the table, so let it see every row before asking for a phase.
type decoder struct {
	protocol aep.Protocol
	table    CodeTable
	old      bool // a code that exists in the 2019 table alone
	proven   bool // a code 3 with an upgraded version: 2022, and a success
	ended    bool // a code 4 with a time of finishing: not 2019, where it is under way
}

func newDecoder(protocol aep.Protocol, table CodeTable) *decoder {
	if table == "" {
		table = TableAuto
	}
	return &decoder{protocol: protocol, table: table}
}

func (d *decoder) see(code aep.SubtaskCode, versionAfter string) {
	if int(code) >= len(phases2022) && int(code) < len(phases2019) {
		d.old = true
	}
	if code == code2022Success && versionAfter != "" {
		d.proven = true
	}
}

// seeEnd takes in when a subtask of this code finished, zero if it has not.
func (d *decoder) seeEnd(code aep.SubtaskCode, at time.Time) {
	if code == code2022Failure && !at.IsZero() {
		d.ended = true
	}
}

func (d *decoder) phase(code aep.SubtaskCode) Phase {
	phases := phases2022
	switch {
	case d.protocol == aep.TLink:
		phases = tLinkPhases
	case d.table == Table2019 || d.table == TableAuto && d.old:
		phases = phases2019
	case d.table == TableAuto && code == code2022Success && !d.proven:
		return Unknown
	}
	if code < 0 || int(code) >= len(phases) || phases[code] == "" {
		return Unknown
	}
	return phases[code]
}

// decided returns the table in use as far as it is known.
func (d *decoder) decided() CodeTable {
	switch {
	case d.protocol == aep.TLink || d.table != TableAuto:
		return d.table
	case d.old:
		return Table2019
	case d.proven:
		return Table2022
	}
	return TableAuto
}

// maybeActive reports whether a subtask of this code may still change by
// itself under a table that is not ruled out.
func (d *decoder) maybeActive(code aep.SubtaskCode) bool {
	if d.protocol == aep.TLink || d.decided() != TableAuto {
		return !d.phase(code).Final()
	}
	if d.ended && code == code2022Failure {
		return false
	}
	for _, table := range []CodeTable{Table2019, Table2022} {
		if !newDecoder(d.protocol, table).phase(code).Final() {
			return true
		}
	}
	return false
}

// maybeForeign reports that the platform may not know the number, because it
// may follow the newer table.
func (d *decoder) maybeForeign(code aep.SubtaskCode) bool {
	return d.protocol != aep.TLink && d.table == TableAuto && int(code) >= len(phases2022)
}

// cancelling reports that the platform is about to cancel the subtask.
func (d *decoder) cancelling(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelling2019
}

// cancelFailed reports that the platform has given up cancelling the subtask.
func (d *decoder) cancelFailed(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelFailed2019
}

// undecided reports that successes may be hidden among the unknown because
// nothing tells which table the platform follows.
func (d *decoder) undecided(code aep.SubtaskCode) bool {
	return d.protocol != aep.TLink && d.table == TableAuto && !d.old && !d.proven && code == code2022Success
}

// PhaseReader returns the function that reads the codes of these rows, which
// should be all that is known of a task.
func PhaseReader(protocol aep.Protocol, table CodeTable, rows []aep.Subtask) func(aep.SubtaskCode) Phase {
	d := newDecoder(protocol, table)
	for _, row := range rows {
		d.see(row.Code, row.VersionAfter)
	}
	return d.phase
}

// codes returns the numbers that subtasks of a protocol can be asked for, those
// that are or may be active first: while devices move on, none is missed.
func codes(protocol aep.Protocol, table CodeTable) []aep.SubtaskCode {
	switch {
	case protocol == aep.TLink:
		return aep.TLinkSubtaskCodes
	case table == Table2022:
		return []aep.SubtaskCode{0, 1, 2, 3, 4, 5}
	default:
		return []aep.SubtaskCode{0, 1, 2, 4, 6, 9, 11, 3, 5, 7, 8, 10}
	}
}

// CodesOf returns the numbers that may mean one of the phases; those of T-Link
// in the order in which a subtask passes through them.
func CodesOf(protocol aep.Protocol, table CodeTable, phases ...Phase) []aep.SubtaskCode {
	var list []aep.SubtaskCode
	for _, code := range codes(protocol, table) {
		for _, t := range []CodeTable{Table2019, Table2022} {
			if table != TableAuto && table != "" && t != table {
				continue
			}
			if slices.Contains(phases, (&decoder{protocol: protocol, table: t}).phase(code)) {
				list = append(list, code)
				break
			}
		}
	}
	return list
}

// ParsePhase checks the name of a phase.
func ParsePhase(name string) (Phase, error) {
	if p := Phase(name); slices.Contains(Phases, p) {
		return p, nil
	}
	return "", fmt.Errorf("%q is no phase; the phases are %v", name, Phases)
}
