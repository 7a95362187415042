package campaign

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// VersionFilter selects devices by the firmware version that they report. The zero value selects all.
type VersionFilter struct {
	From        []string // versions that join; empty: any
	SkipCurrent bool     // devices that report Current do not join
	Current     string   // firmware version of the task
	SkipUnknown bool     // devices without a known version do not join
}

// Selects reports whether the filter leaves out any version.
func (f VersionFilter) Selects() bool { return len(f.From) > 0 || f.SkipCurrent }

// LeftOut are devices that do not join because of their version, and devices about which too little is known.
type LeftOut struct {
	Other     deviceset.Set // report a version that is not among VersionFilter.From
	Current   deviceset.Set // report the version of the task
	NoVersion deviceset.Set // report no version
	// NotFound are devices that the platform does not offer for an upgrade, and whose version no other service knows.
	// They were not left out, but can't join before they are found.
	NotFound deviceset.Set
	// Unchecked are devices that join although they report no version. They were not left out.
	Unchecked deviceset.Set
}

// All returns all devices that were left out.
func (l LeftOut) All() deviceset.Set {
	return l.Other.Union(l.Current).Union(l.NoVersion)
}

// minus returns l without ids that do not join.
func (l LeftOut) minus(ids deviceset.Set) LeftOut {
	return LeftOut{
		Other: l.Other.Minus(ids), Current: l.Current.Minus(ids), NoVersion: l.NoVersion.Minus(ids), NotFound: l.NotFound.Minus(ids),
		Unchecked: l.Unchecked,
	}
}

// leftOut returns the devices of ids that do not join.
func (f VersionFilter) leftOut(ids deviceset.Set, versions deviceVersions) (out LeftOut) {
	from := make([]string, len(f.From))
	for i, version := range f.From {
		from[i] = strings.TrimSpace(version)
	}
	current := strings.TrimSpace(f.Current)
	for _, id := range ids {
		version, found := versions.of(id)
		switch {
		case !found:
			out.NotFound = append(out.NotFound, id)
		case version == "" && !f.SkipUnknown:
			out.Unchecked = append(out.Unchecked, id)
		case version == "":
			out.NoVersion = append(out.NoVersion, id)
		case f.SkipCurrent && version == current:
			out.Current = append(out.Current, id)
		case len(from) > 0 && !slices.Contains(from, version):
			out.Other = append(out.Other, id)
		}
	}
	return out
}

// NoFirmwareVersionError says that devices can't be compared with the firmware version of their task, because the
// platform gives none.
type NoFirmwareVersionError struct{ Key aep.TaskKey }

func (e *NoFirmwareVersionError) Error() string {
	return fmt.Sprintf("the platform gives no firmware version for %s, so no device can be compared with it", e.Key.Object())
}
