package progress

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// PhaseOf returns the meaning of one code without further evidence. With
// TableAuto a code above 5 is one of 2019; of the others only those have a
// phase that both tables read alike.
func PhaseOf(protocol aep.Protocol, code aep.SubtaskCode, table CodeTable) Phase {
	d := NewDecoder(protocol, table)
	d.See(code, "")
	return d.Phase(code)
}

// decoder reads the codes of one task. With TableAuto the evidence it has seen
// decides the table, so it must see every row before it is asked for a phase.
type Decoder struct {
	protocol aep.Protocol
	table    CodeTable
	Firmware string // the version that the task brings, "" if it is not known
	Finished bool   // the task is finished: none of its devices is under way
	old      bool   // seen: a code that only the table of 2019 has
	ended    bool   // seen: a failure of 2022 that has ended, which excludes 2019
	proven   bool   // seen: a success of 2022 with the version it brought
}

func NewDecoder(protocol aep.Protocol, table CodeTable) *Decoder {
	if table == "" {
		table = TableAuto
	}
	return &Decoder{protocol: protocol, table: table}
}

// see takes a code and the version that the upgrade is shown to have brought
// ("": none) as evidence.
func (d *Decoder) See(code aep.SubtaskCode, broughtVersion string) {
	if int(code) >= len(phases2022) && int(code) < len(phases2019) {
		d.old = true
	}
	if code == Success2022 && broughtVersion != "" && (d.Firmware == "" || d.Firmware == broughtVersion) {
		d.proven = true
	}
}

// seeRows takes everything that rows tell as evidence.
func (d *Decoder) SeeRows(rows ...aep.Subtask) {
	for _, row := range rows {
		d.See(row.Code, BroughtVersion(row))
		// After a retry a row may keep the time at which its first try finished.
		if row.Code == Failure2022 && !row.FinishedAt.IsZero() && !row.FinishedAt.Before(row.UpdatedAt) {
			d.ended = true
		}
	}
}

// broughtVersion returns the firmware version that an upgrade has brought, ""
// if its row proves none: the version is the one of before.
func BroughtVersion(row aep.Subtask) string {
	if row.VersionAfter == row.VersionBefore {
		return ""
	}
	return row.VersionAfter
}

// meanings returns the phases that a code may have: one for each numbering that
// the evidence does not exclude.
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

// phase returns the phase of a code, Unknown if the possible numberings differ.
func (d *Decoder) Phase(code aep.SubtaskCode) Phase {
	if d.Undecided(code) {
		return Unknown
	}
	return d.meanings(code)[0]
}

// decided returns the table in use, TableAuto if nothing has decided it.
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

// undecided reports whether the possible numberings read a code differently.
func (d *Decoder) Undecided(code aep.SubtaskCode) bool {
	m := d.meanings(code)
	return m[0] != m[len(m)-1]
}

// maybeActive reports whether a subtask of this code may still change by itself
// under a possible numbering.
func (d *Decoder) MaybeActive(code aep.SubtaskCode) bool {
	if d.Finished && d.Undecided(code) {
		return !d.MaybeFinal(code) // the numbering that has it under way is the wrong one
	}
	return slices.ContainsFunc(d.meanings(code), func(p Phase) bool { return !p.Final() })
}

// maybeFinal reports whether a possible numbering calls a code final.
func (d *Decoder) MaybeFinal(code aep.SubtaskCode) bool {
	return slices.ContainsFunc(d.meanings(code), Phase.Final)
}

// maybeForeign reports whether the platform may not know a code, because it may
// follow the newer table.
func (d *Decoder) MaybeForeign(code aep.SubtaskCode) bool {
	return d.protocol != aep.TLink && d.table == TableAuto && int(code) >= len(phases2022)
}

// cancelling reports whether the platform is about to cancel the subtask.
func (d *Decoder) Cancelling(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelling2019
}

// cancelFailed reports whether the platform has given up cancelling the subtask.
func (d *Decoder) CancelFailed(code aep.SubtaskCode) bool {
	return d.decided() == Table2019 && d.protocol != aep.TLink && code == cancelFailed2019
}

// cancelled reports whether a subtask of this code was cancelled. T-Link has no
// number for that and may show failed; but in a task that has not been started
// nothing can have failed.
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
