package lives

import (
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func (l *life) consoleVersions() {
	for range 1 + l.random.IntN(8) {
		device := l.ids[l.random.IntN(len(l.ids))]
		version := []string{"1", "2", "3", simulator.NoVersion}[l.random.IntN(4)]
		l.note("  %s reports %q", device, version)
		_ = l.Platform.SetDeviceVersion(l.want.product, version, device)
	}
}

// matches reports whether a set attaches a device by its version, as far as that is certain. A device that another task
// has is not offered, so its version may be unknown.
func (l *life) matches(part *taskPart, set *setPart, device string) (matches, certain bool) {
	d, _ := l.Platform.Device(l.want.product, device)
	if d.FirmwareVersion == "" || l.hidden(device) {
		return false, false
	}
	for _, task := range l.Platform.Tasks(l.want.product) {
		if slices.Contains(l.active(task.ID), device) {
			return false, false
		}
	}
	v := set.versions
	current := v.skipCurrent && d.FirmwareVersion == versionOf(l.want.firmware(part))
	return !current && (len(v.from) == 0 || slices.Contains(v.from, d.FirmwareVersion)), true
}

// versionOf returns the version of a firmware.
func versionOf(id int64) string {
	for _, product := range simulator.DefaultProducts(0) {
		for _, firmware := range product.Firmware {
			if firmware.ID == id {
				return firmware.Version
			}
		}
	}
	return ""
}

// markOut records which devices may be left out by version in a run.
func (l *life) markOut() {
	l.sure = map[string]bool{}
	l.want.parts(func(part *taskPart, set *setPart) {
		for _, device := range set.devices {
			matches, certain := l.matches(part, set, device)
			l.sure[device] = certain
			if set.versions.selects() && !(certain && matches) {
				l.out[device] = true
			}
		}
	})
}

// mayBeOut reports whether a set that lists a device may have left it out.
func (l *life) mayBeOut(device string) (out bool) {
	l.want.parts(func(_ *taskPart, set *setPart) {
		out = out || set.versions.selects() && slices.Contains(set.devices, device) && l.out[device]
	})
	return out
}

// sends fails the test if a device is to join whose version was certain at the beginning of the run, and is not
// selected.
func (l *life) sends(task int64, device string) {
	l.want.parts(func(part *taskPart, set *setPart) {
		if l.taskID(part) != task || !slices.Contains(set.devices, device) || !set.versions.selects() || !l.sure[device] {
			return
		}
		if matches, certain := l.matches(part, set, device); certain && !matches {
			d, _ := l.Platform.Device(l.want.product, device)
			l.T.Errorf("device %s, which reports %q, is sent to task %d by %s, which selects %+v",
				device, d.FirmwareVersion, task, set.address(), set.versions)
		}
	})
}

// addUp fails the test unless the numbers of each set add up.
func (l *life) addUp() {
	l.want.parts(func(_ *taskPart, set *setPart) {
		held := l.At(set.address())
		if !held.Exists() {
			return
		}
		sum := int64(0)
		for _, name := range []string{"attached_count", "cancelled_count", "missing_count", "skipped_count"} {
			sum += coretest.Number(held.Instance, name)
		}
		if listed := coretest.Number(held.Instance, "device_count"); sum != listed {
			l.T.Errorf("the numbers of %s add up to %d, and device_count is %d", set.address(), sum, listed)
		}
	})
}
