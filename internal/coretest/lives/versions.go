package lives

import (
	"math/rand/v2"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
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
