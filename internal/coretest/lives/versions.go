package lives

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// deviceVersions are the versions of the devices at first, in turn.
var deviceVersions = []string{"1", "2", "1", simulator.NoVersion}

// versions are the arguments of a set that select devices by version.
type versions struct {
	from                     []string
	skipCurrent, skipUnknown bool
}

func drawVersions(draw *rand.Rand) (v versions) {
	switch draw.IntN(6) {
	case 0:
		v.from = []string{"1"}
	case 1:
		v.from = []string{"2", "1"}
		v.skipCurrent = draw.IntN(2) == 0
	case 2:
		v.skipCurrent = true
	}
	v.skipUnknown = draw.IntN(2) == 0
	return v
}

func (v versions) selects() bool { return len(v.from) > 0 || v.skipCurrent }

// write writes the arguments.
func (v versions) write(config coretest.Config) {
	if len(v.from) > 0 {
		config["from_versions"] = v.from
	}
	config["skip_current"] = v.skipCurrent
	if v.skipUnknown {
		config["unknown_versions"] = "skip"
	}
}

// joining returns how many devices of a task are expected: as many as are listed, or, if a set selects by version, as
// many as are attached.
func (t *taskPart) joining(of coretest.Lookup) any {
	if !slices.ContainsFunc(t.sets, func(s *setPart) bool { return s.versions.selects() }) {
		return len(t.listed())
	}
	var sum int64
	for _, set := range t.sets {
		attached, ok := of(set.address(), "attached_count").(tftypes.Value)
		if !ok || !attached.IsFullyKnown() {
			return coretest.Unknown{}
		}
		var n int64
		_, _ = fmt.Sscan(coretest.Text(attached), &n)
		sum += n
	}
	return sum
}

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
			l.T.Errorf("device %s, which reports %q, is sent to task %d by %s, which selects %+v", device, d.FirmwareVersion, task, set.address(), set.versions)
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
