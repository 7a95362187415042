package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator/console"
)

var platformCommands = []command{
	{"set", "", "changes how devices fail and how long things take", changeSettings},
	{"requests", "", "prints the newest requests to the platform", printRequests},
}

const holdUsage = "`number` of devices of a task that succeed before its others stay in progress, 0 for no limit"

func changeSettings(flags *flag.FlagSet) action {
	var change console.SettingsChange
	flags.Func("fail-percent", "`share` of devices that fail, 0 to 100", optionalNumber(&change.FailPercent))
	flags.Func("fail-version", "firmware `version` that devices fail with, empty for all", optional(&change.FailVersion))
	flags.Func("upgrade-time", "`time` that a device needs, such as 10s; present upgrades change in proportion", optional(&change.UpgradeTime))
	flags.Func("hold-after", holdUsage, optionalNumber(&change.HoldAfter))
	flags.Func("latency", "`time` that each call takes, such as 200ms", optional(&change.Latency))
	return func(ctx context.Context, s session) error {
		if err := s.arguments(); err != nil {
			return err
		}
		if change == (console.SettingsChange{}) {
			return errors.New("nothing to change: use -fail-percent, -fail-version, -upgrade-time, -hold-after or -latency")
		}
		now, err := call[console.Settings](ctx, s.client, http.MethodPatch, "settings", change)
		if err == nil {
			fmt.Fprintf(s.out, "The platform has fail-percent %d, fail-version %q, upgrade-time %s, hold-after %d, latency %s.\n",
				now.FailPercent, now.FailVersion, now.UpgradeTime, now.HoldAfter, now.Latency)
		}
		return err
	}
}

// followEvery is the time between two looks for new requests.
const followEvery = 500 * time.Millisecond

func printRequests(flags *flag.FlagSet) action {
	newest := flags.Int("n", 20, "`number` of requests")
	follow := flags.Bool("follow", false, "print further requests until Ctrl-C")
	return func(ctx context.Context, s session) error {
		if err := s.arguments(); err != nil {
			return err
		}
		from, limit := 0, max(0, *newest)
		for {
			found, err := call[console.Requests](ctx, s.client, http.MethodGet, fmt.Sprintf("requests?from=%d&limit=%d", from, limit), nil)
			if err != nil && ctx.Err() == nil {
				return err
			}
			for _, r := range found.Requests {
				fmt.Fprintln(s.out, r)
			}
			if !*follow {
				return nil
			}
			from, limit = found.Next, math.MaxInt32
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(followEvery):
			}
		}
	}
}
