package campaign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
)

// DeviceState is one subtask of a device, or a device that its task lists without a subtask.
type DeviceState struct {
	ID        string
	SubtaskID int64           // 0 if the platform gives none
	Code      aep.SubtaskCode // aep.NoSubtaskCode if the platform gives none
	Version   string          // after the upgrade, "" if there is none or it was not read
	Listed    bool            // on the list of joined devices
	// Stateless is true for a device in none of the states that the API can filter by, while other devices
	// are in some. A T-Link device looks like this after a cancel.
	Stateless bool
}

// membership holds the states of devices in a task, and the evidence by which they are decoded.
type membership struct {
	rows    []DeviceState // by device, and then by subtask, oldest first
	total   int64         // rows that the task lists as joined, or Expected if the list was not read
	pending bool          // it is known that the task has not been started
	decoder *progress.Decoder
	spelled map[string]string // ids asked for to ids as listed, where they differ in spelling
}

// listedDevices are the devices of a look-up that the list of joined devices holds.
type listedDevices struct {
	all       deviceset.Set
	withState deviceset.Set // of all, listed with the state of their subtask
}

// addJoined adds the rows of ids from the list of joined devices.
func (m *membership) addJoined(ids deviceset.Set, joined []aep.JoinedDevice) listedDevices {
	var listed, withState []string
	for _, d := range joined {
		if !ids.Contains(d.ID) {
			continue
		}
		listed = append(listed, d.ID)
		if d.SubtaskID != 0 && d.Code != aep.NoSubtaskCode {
			withState = append(withState, d.ID)
		}
		m.rows = append(m.rows, DeviceState{ID: d.ID, SubtaskID: d.SubtaskID, Code: d.Code, Listed: true})
	}
	return listedDevices{all: deviceset.Of(listed), withState: deviceset.Of(withState)}
}

// devicesOf returns the devices of subtasks.
func devicesOf(subtasks []aep.Subtask) deviceset.Set {
	ids := make([]string, 0, len(subtasks))
	for _, s := range subtasks {
		ids = append(ids, s.DeviceID)
	}
	return deviceset.Of(ids)
}

// addSubtasks adds subtasks. They replace rows of the same device that have no subtask.
func (m *membership) addSubtasks(subtasks []aep.Subtask) {
	known, listed := devicesOf(subtasks), map[string]bool{}
	m.rows = slices.DeleteFunc(m.rows, func(d DeviceState) bool {
		again := known.Contains(d.ID)
		listed[d.ID] = listed[d.ID] || again
		return again
	})
	for _, s := range subtasks {
		m.rows = append(m.rows, DeviceState{
			ID: s.DeviceID, SubtaskID: s.ID, Code: s.Code, Version: progress.InstalledVersion(s), Listed: listed[s.DeviceID],
		})
	}
}

func (m *membership) sort() {
	for _, d := range m.rows {
		m.decoder.See(d.Code, d.Version)
	}
	byAge := func(a, b DeviceState) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.SubtaskID, b.SubtaskID))
	}
	if !slices.IsSortedFunc(m.rows, byAge) {
		slices.SortFunc(m.rows, byAge)
	}
}

// merge adds the result of a later look-up.
func (m *membership) merge(later membership) {
	known := later.present()
	m.rows = slices.DeleteFunc(m.rows, func(d DeviceState) bool { return known.Contains(d.ID) })
	m.rows, m.total, m.spelled = append(m.rows, later.rows...), max(m.total, later.total), later.spelled
	m.decoder, m.pending = later.decoder, later.pending
	m.sort()
}

// newest calls yield for the newest row of every device.
func (m membership) newest(yield func(DeviceState)) {
	for i, d := range m.rows {
		if i+1 == len(m.rows) || m.rows[i+1].ID != d.ID {
			yield(d)
		}
	}
}

// where returns the devices whose newest row meets a condition.
func (m membership) where(meets func(DeviceState) bool) deviceset.Set {
	var set deviceset.Set
	m.newest(func(d DeviceState) {
		if meets(d) {
			set = append(set, d.ID)
		}
	})
	return set
}

// present returns the devices that the task knows, in any state.
func (m membership) present() deviceset.Set {
	return m.where(func(DeviceState) bool { return true })
}

// cancelled returns the devices whose upgrade was cancelled.
func (m membership) cancelled() deviceset.Set { return m.where(m.isCancelled) }

// attached returns the devices that the task knows and that were not cancelled.
func (m membership) attached() deviceset.Set {
	return m.where(func(d DeviceState) bool { return !m.isCancelled(d) })
}

// done returns the number of devices whose upgrade is over: the list of joined devices lacks them, and they
// were not cancelled.
func (m membership) done() int {
	return len(m.where(func(d DeviceState) bool { return !d.Listed && !m.isCancelled(d) }))
}

// shown returns the attached devices. A device with an active subtask is not shown while the list of joined
// devices lacks it.
func (m membership) shown() deviceset.Set {
	return m.where(func(d DeviceState) bool {
		late := !d.Listed && d.Code != aep.NoSubtaskCode && m.decoder.MaybeActive(d.Code)
		return !late && !m.isCancelled(d)
	})
}

func (m membership) isCancelled(d DeviceState) bool {
	return d.Stateless || m.decoder.Cancelled(d.Code, m.pending)
}

// activeDevices returns the devices that may still be upgraded.
func (m membership) activeDevices() deviceset.Set {
	var set deviceset.Set
	for _, d := range m.rows {
		if !d.Stateless && (d.Code == aep.NoSubtaskCode || m.decoder.MaybeActive(d.Code)) {
			set = append(set, d.ID)
		}
	}
	return slices.Compact(set)
}

// subtasks returns every subtask with its id, device, state and version.
func (m membership) subtasks() []aep.Subtask {
	var list []aep.Subtask
	for _, d := range m.rows {
		if d.SubtaskID != 0 && d.Code != aep.NoSubtaskCode {
			list = append(list, aep.Subtask{ID: d.SubtaskID, DeviceID: d.ID, Code: d.Code, VersionAfter: d.Version})
		}
	}
	return list
}

// spell records which of the missing devices the task lists in another spelling.
func (m *membership) spell(ids deviceset.Set, joined []aep.JoinedDevice) {
	missing := ids.Minus(m.present())
	if len(missing) == 0 {
		return
	}
	asked := make(map[string]string, len(missing))
	for _, id := range missing {
		asked[folded(id)] = id
	}
	m.spelled = make(map[string]string)
	for _, d := range joined {
		if id, ok := asked[folded(d.ID)]; ok && !ids.Contains(d.ID) {
			m.spelled[id] = d.ID
		}
	}
}

// misspelled returns a *SpellingError, or nil if every device is listed as asked for.
func (m membership) misspelled(key aep.TaskKey) error {
	if len(m.spelled) == 0 {
		return nil
	}
	var asked deviceset.Set
	for id := range m.spelled {
		asked = append(asked, id)
	}
	first := slices.Min(asked)
	return &SpellingError{Key: key, Asked: first, Listed: m.spelled[first], Count: len(asked)}
}

// folded returns an id in lower case and without blanks around it, as some platforms compare ids.
func folded(id string) string { return strings.ToLower(strings.TrimSpace(id)) }

// SpellingError says that a task lists devices under ids that differ in case or blanks.
type SpellingError struct {
	Key    aep.TaskKey
	Asked  string
	Listed string
	Count  int
}

func (e *SpellingError) Error() string {
	return fmt.Sprintf("%s lists device %q, which was asked for as %q (%s in all differ in this way)",
		e.Key.Object(), e.Listed, e.Asked, progress.Devices(e.Count))
}

// Misspelled returns the first pair of ids, one of each set, that differ only in case or blanks.
func Misspelled(a, b deviceset.Set) (x, y string, found bool) {
	byFold := make(map[string]string, len(a))
	for _, id := range a {
		byFold[folded(id)] = id
	}
	for _, id := range b {
		if other, ok := byFold[folded(id)]; ok && other != id {
			return other, id, true
		}
	}
	return "", "", false
}
