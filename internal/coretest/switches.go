package coretest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// Switch is a switch of the simulated platform. It is on in this percentage of all draws, in one of several
// ways.
type Switch struct {
	name    string
	percent int
	ways    int
	set     func(o *simulator.Options, way int)
}

// Switches returns the switches that are drawn. Switches that make lists wrong for
// ever belong to the tests of hostile platforms.
func Switches() []Switch { return slices.Concat(upgradeSwitches(), flags(), lags(), ways()) }

// flags returns the switches that are on or off.
func flags() []Switch {
	flag := func(name string, percent int, field func(*simulator.Options) *bool) Switch {
		return Switch{name, percent, 1, func(o *simulator.Options, _ int) { *field(o) = true }}
	}
	return []Switch{
		flag("RequireMasterKey", 20, func(o *simulator.Options) *bool { return &o.RequireMasterKey }),
		flag("RefuseModifyStarted", 25, func(o *simulator.Options) *bool { return &o.Quirks.RefuseModifyStarted }),
		flag("RefuseDeleteWaiting", 25, func(o *simulator.Options) *bool { return &o.Quirks.RefuseDeleteWaiting }),
		flag("AcceptDeleteMissing", 25, func(o *simulator.Options) *bool { return &o.Quirks.AcceptDeleteMissing }),
		flag("RefuseJoinRunning", 20, func(o *simulator.Options) *bool { return &o.Quirks.RefuseJoinRunning }),
		flag("AcceptSecondStart", 25, func(o *simulator.Options) *bool { return &o.Quirks.AcceptSecondStart }),
		flag("AcceptEmptyStart", 15, func(o *simulator.Options) *bool { return &o.Quirks.AcceptEmptyStart }),
		flag("OneRefusal", 30, func(o *simulator.Options) *bool { return &o.Quirks.OneRefusal }),
		flag("IgnoreRejoin", 25, func(o *simulator.Options) *bool { return &o.Quirks.IgnoreRejoin }),
		flag("AcceptSecondJoin", 25, func(o *simulator.Options) *bool { return &o.Quirks.AcceptSecondJoin }),
		flag("RejoinMakesSubtask", 25, func(o *simulator.Options) *bool { return &o.Quirks.RejoinMakesSubtask }),
		flag("IgnoreCancelFinal", 25, func(o *simulator.Options) *bool { return &o.Quirks.IgnoreCancelFinal }),
		flag("FinishedLeaveJoined", 25, func(o *simulator.Options) *bool { return &o.Quirks.FinishedLeaveJoined }),
		flag("CancelledLeaveJoined", 30, func(o *simulator.Options) *bool { return &o.Quirks.CancelledLeaveJoined }),
		flag("TLinkCancelShowsFailed", 30, func(o *simulator.Options) *bool { return &o.Quirks.TLinkCancelShowsFailed }),
		flag("CancelledPendingFinishes", 20, func(o *simulator.Options) *bool { return &o.Quirks.CancelledPendingFinishes }),
		flag("UniqueNames", 20, func(o *simulator.Options) *bool { return &o.Quirks.UniqueNames }),
		flag("AnyFirmware", 10, func(o *simulator.Options) *bool { return &o.Quirks.AnyFirmware }),
		flag("IgnoreWrongArgument", 20, func(o *simulator.Options) *bool { return &o.Quirks.IgnoreWrongArgument }),
		flag("NullDescription", 25, func(o *simulator.Options) *bool { return &o.Quirks.NullDescription }),
		flag("FoldIDs", 20, func(o *simulator.Options) *bool { return &o.Quirks.FoldIDs }),
		flag("StrictTaskID", 30, func(o *simulator.Options) *bool { return &o.Quirks.StrictTaskID }),
		flag("NumericCodes", 25, func(o *simulator.Options) *bool { return &o.Quirks.NumericCodes }),
		flag("OutTimeEverywhere", 25, func(o *simulator.Options) *bool { return &o.Quirks.OutTimeEverywhere }),
		flag("SignReceived", 25, func(o *simulator.Options) *bool { return &o.Quirks.SignReceived }),
		flag("NullList", 20, func(o *simulator.Options) *bool { return &o.Paging.NullList }),
		flag("ReportRequested", 20, func(o *simulator.Options) *bool { return &o.Paging.ReportRequested }),
	}
}

// lags returns the switches that delay what readers see.
func lags() []Switch {
	lag := func(name string, percent int, field func(*simulator.Options) *time.Duration) Switch {
		return Switch{name, percent, 3, func(o *simulator.Options, way int) {
			*field(o) = []time.Duration{time.Second, 1500 * time.Millisecond, 12 * time.Second}[way]
		}}
	}
	return []Switch{
		lag("ReadLag", 20, func(o *simulator.Options) *time.Duration { return &o.Quirks.ReadLag }),
		lag("JoinLag", 25, func(o *simulator.Options) *time.Duration { return &o.Quirks.JoinLag }),
		{"JoinLagWay", 60, 3, func(o *simulator.Options, way int) { o.Quirks.JoinLagWay = simulator.JoinLagWay(way + 1) }},
		lag("ListLag", 25, func(o *simulator.Options) *time.Duration { return &o.Quirks.ListLag }),
	}
}

// ways returns the switches with several positions.
func ways() []Switch {
	return []Switch{
		{"DeleteRunning", 50, 2, func(o *simulator.Options, way int) { o.Quirks.DeleteRunning = simulator.DeleteRunning(way + 1) }},
		{"MaxOperationalIDs", 25, 3 * idEffects, limitIDs},
		{"BadID", 60, 3, func(o *simulator.Options, way int) { o.Quirks.BadID = simulator.BadID(way + 1) }},
		{"Missing", 60, 3, func(o *simulator.Options, way int) { o.Quirks.Missing = simulator.Missing(way + 1) }},
		{"NullReads", 40, 1, func(o *simulator.Options, way int) { o.Quirks.NullReads = simulator.NullResponse(way + 1) }},
		{"MaxPageSize", 40, 3 * pageEffects, limitPages},
		{"HideVersions", 20, 2, func(o *simulator.Options, way int) { o.Quirks.HideVersions = simulator.Percent([]int{30, 100}[way]) }},
		{"HideVersionsOfService", 20, 2, func(o *simulator.Options, way int) { o.LookUps.HideVersions = simulator.Percent([]int{30, 100}[way]) }},
		{"NoDeviceService", 40, 3, func(o *simulator.Options, way int) {
			how := []simulator.Unsubscribed{simulator.Unsubscribed403, simulator.Unsubscribed404, simulator.UnsubscribedBusiness}
			o.LookUps.Unsubscribed = map[string]simulator.Unsubscribed{simulator.DeviceService: how[way]}
		}},
		{"Flow", 10, 2, func(o *simulator.Options, way int) {
			o.Flow = simulator.FlowControl{PerSecond: 4, Response: simulator.FlowResponse(way)}
		}},
		{"Latency", 30, 2, func(o *simulator.Options, way int) {
			o.Latency = []time.Duration{20 * time.Millisecond, 700 * time.Millisecond}[way]
		}},
		{"ClockOffset", 15, 2, func(o *simulator.Options, way int) {
			o.ClockOffset = []time.Duration{-10 * time.Minute, 10 * time.Minute}[way]
		}},
	}
}

// idEffects is the number of effects of too many ids in a call.
const idEffects = 6

// limitIDs sets the most ids of a call, and what happens to a call with more. One time-out is shorter than the
// client's own, and one is longer.
func limitIDs(o *simulator.Options, way int) {
	effect := way % idEffects
	o.Quirks.MaxOperationalIDs = way/idEffects + 1
	o.Quirks.TooManyIDs = [idEffects]simulator.TooManyIDs{
		simulator.TooManyIDsRefused, simulator.TooManyIDsBadRequest, simulator.TooManyIDsTruncated,
		simulator.TooManyIDsTimeout, simulator.TooManyIDsTimeout, simulator.TooManyIDsReported,
	}[effect]
	o.Quirks.GatewayTimeout = [idEffects]time.Duration{3: 30 * time.Second, 4: 90 * time.Second}[effect]
}

// pageEffects is the number of effects of a page size that is too large.
const pageEffects = 4

// limitPages sets the most rows of a page, and what happens to a request for more. A platform that refuses such a
// request accepts 100 rows, because the client asks for 100 after a refusal.
func limitPages(o *simulator.Options, way int) {
	effect := way % pageEffects
	o.Paging.MaxPageSize = []int{2, 3, 100}[way/pageEffects]
	o.Paging.OffsetByRequested = effect%2 == 1
	if o.Paging.MaxPageSize == 100 {
		o.Paging.TooLarge = [pageEffects]simulator.PageTooLarge{
			2: simulator.PageTooLargeRefused, 3: simulator.PageTooLargeBadRequest,
		}[effect]
	}
}

// upgradeSwitches returns the switches that concern the devices of a started task.
func upgradeSwitches() []Switch {
	return []Switch{
		{"Table2022", 50, 1, func(o *simulator.Options, _ int) { o.Upgrade.Table = simulator.Table2022 }},
		{"WaitingTime", 70, 3, func(o *simulator.Options, way int) {
			o.Upgrade.WaitingTime = []time.Duration{time.Minute, time.Hour, 1000 * time.Hour}[way]
		}},
		{"UpgradeTime", 70, 3, func(o *simulator.Options, way int) {
			o.Upgrade.UpgradeTime = []time.Duration{time.Minute, time.Hour, 100 * time.Hour}[way]
		}},
		{"Spread", 40, 2, func(o *simulator.Options, way int) {
			o.Upgrade.Spread = []time.Duration{time.Minute, 10 * time.Hour}[way]
		}},
		{"Fail", 40, 3, func(o *simulator.Options, way int) {
			o.Upgrade.Fail = simulator.FailPercent([]int{10, 40, 100}[way], "5000")
		}},
		{"FailureCode", 30, 3, func(o *simulator.Options, way int) { o.Upgrade.FailureCode = []int{1, 3, 5}[way] }},
		{"Hang", 15, 1, func(o *simulator.Options, _ int) {
			o.Upgrade.Hang = func(id string) bool { return strings.ContainsAny(id[len(id)-1:], "03a") }
		}},
		{"CancelDelay", 40, 2, func(o *simulator.Options, way int) {
			o.Upgrade.CancelDelay = []time.Duration{2 * time.Second, time.Minute}[way]
		}},
		{"NoUpgradedVersion", 25, 1, func(o *simulator.Options, _ int) { o.Upgrade.NoUpgradedVersion = true }},
		{"AutoRetry", 25, 2, func(o *simulator.Options, way int) {
			o.Upgrade.AutoRetry, o.Upgrade.AutoRetryPause = true, []time.Duration{0, 10 * time.Minute}[way]
		}},
	}
}

// Switched is a switch that was drawn.
type Switched struct {
	Name string
	way  int
}

func (d Switched) String() string { return fmt.Sprintf("%s=%d", d.Name, d.way) }

// DrawSwitches draws every switch with its own probability. draw returns a number
// below its argument.
func DrawSwitches(draw func(int) int) (all []Switched) {
	for _, one := range Switches() {
		on, way := draw(100) < one.percent, draw(one.ways)
		if on {
			all = append(all, Switched{one.name, way})
		}
	}
	return all
}

// SetSwitches sets the switches that were drawn.
func SetSwitches(o *simulator.Options, drawn []Switched) {
	for _, one := range Switches() {
		for _, d := range drawn {
			if d.Name == one.name {
				one.set(o, d.way)
			}
		}
	}
}
