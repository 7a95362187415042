package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// config is the command line.
type config struct {
	listen, table, deviceFiles, readyFile string
	lwm2m, tLink                          int64
	devices, failPercent, holdAfter       int
	failVersion                           string
	latency, clockOffset                  time.Duration
	upgradeTime, upgradeSpread            time.Duration
	requireMasterKey, quiet               bool
	quirks                                simulator.Quirks
	paging                                simulator.Paging
	lookUps                               lookUps
}

// parse returns the configuration of a start. With -h, it writes the help to
// output and returns flag.ErrHelp.
func parse(args []string, output io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("aep-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:0", "`address` to listen on; everyone who reaches it can change the platform")
	flags.Int64Var(&c.lwm2m, "lwm2m", simulator.LwM2MProduct, "`id` of the LwM2M product")
	flags.Int64Var(&c.tLink, "t-link", simulator.TLinkProduct, "`id` of the T-Link product")
	flags.IntVar(&c.devices, "devices", 5000, "`number` of devices of each product")
	flags.DurationVar(&c.latency, "latency", 0, "time that each call takes")
	flags.DurationVar(&c.clockOffset, "clock-offset", 0, "how far the platform's clock is ahead")
	flags.BoolVar(&c.requireMasterKey, "require-master-key", false, "refuse requests without MasterKey")
	flags.StringVar(&c.table, "table", "2019", "LwM2M code table, 2019 or 2022")
	flags.DurationVar(&c.upgradeTime, "upgrade-time", 10*time.Second, "time that a device needs")
	flags.DurationVar(&c.upgradeSpread, "upgrade-spread", 0, "longest addition to -upgrade-time; each device has its own")
	flags.IntVar(&c.holdAfter, "hold-after", 0, holdUsage)
	flags.IntVar(&c.failPercent, "fail-percent", 0, "share of devices that fail")
	flags.StringVar(&c.failVersion, "fail-version", "", "firmware `version` that -fail-percent is restricted to, a bad firmware")
	flags.BoolVar(&c.quiet, "quiet", false, "print no line for each request")
	flags.StringVar(&c.deviceFiles, "device-file", "", "write one file of device ids per product into `directory`")
	flags.StringVar(&c.readyFile, "ready-file", "", "write the environment lines to `file` once the port is open")
	limitFlags(flags, &c)
	c.lookUps.declare(flags)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printHelp(flags, output)
		return c, err
	case err != nil:
		return c, fmt.Errorf("%w; see aep-simulator -h", err)
	}
	return c, c.check(flags.Args())
}

// check returns an error if the values of flags are not valid, or if there are
// arguments.
func (c config) check(args []string) error {
	switch {
	case len(args) > 0:
		return fmt.Errorf("unexpected argument %q", args[0])
	case c.table != "2019" && c.table != "2022":
		return fmt.Errorf("-table is 2019 or 2022, not %q", c.table)
	case c.lwm2m == c.tLink:
		return errors.New("-lwm2m and -t-link name the same product")
	case c.failPercent < 0 || c.failPercent > 100:
		return fmt.Errorf("-fail-percent is 0 to 100, not %d", c.failPercent)
	case c.failVersion != "" && !slices.Contains(c.versions(), c.failVersion):
		return fmt.Errorf("-fail-version is one of %s, not %q", strings.Join(c.versions(), ", "), c.failVersion)
	}
	return c.checkNegative()
}

// checkNegative returns an error that names the first flag whose value is
// below 0, where 0 is the least.
func (c config) checkNegative() error {
	for _, f := range []struct {
		flag     string
		negative bool
		value    any
	}{
		{"id-cap", c.quirks.MaxOperationalIDs < 0, c.quirks.MaxOperationalIDs},
		{"page-cap", c.paging.MaxPageSize < 0, c.paging.MaxPageSize},
		{"gateway-timeout", c.quirks.GatewayTimeout < 0, c.quirks.GatewayTimeout},
		{"look-up-id-cap", c.lookUps.MaxIDs < 0, c.lookUps.MaxIDs},
		{"look-up-page-cap", c.lookUps.Paging.MaxPageSize < 0, c.lookUps.Paging.MaxPageSize},
		{"upgrade-time", c.upgradeTime < 0, c.upgradeTime},
		{"upgrade-spread", c.upgradeSpread < 0, c.upgradeSpread},
		{"latency", c.latency < 0, c.latency},
		{"devices", c.devices < 0, c.devices},
		{"hold-after", c.holdAfter < 0, c.holdAfter},
	} {
		if f.negative {
			return fmt.Errorf("-%s is 0 or more, not %v", f.flag, f.value)
		}
	}
	return nil
}

// versions returns the versions of all firmware.
func (c config) versions() (all []string) {
	for _, product := range simulator.DefaultProducts(0) {
		for _, firmware := range product.Firmware {
			all = append(all, firmware.Version)
		}
	}
	return all
}

// limitFlags declares the flags for the limits of ids in a call and of rows in a page.
func limitFlags(flags *flag.FlagSet, c *config) {
	flags.IntVar(&c.quirks.MaxOperationalIDs, "id-cap", 0, "most `ids` in a join, cancel or retry, 0 for any")
	flags.Func("above-id-cap", "`effect` of more ids: refused (default), bad-request, timeout, truncated or reported",
		oneOf(&c.quirks.TooManyIDs, map[string]simulator.TooManyIDs{
			"refused": simulator.TooManyIDsRefused, "bad-request": simulator.TooManyIDsBadRequest,
			"timeout": simulator.TooManyIDsTimeout, "truncated": simulator.TooManyIDsTruncated,
			"reported": simulator.TooManyIDsReported,
		}))
	flags.DurationVar(&c.quirks.GatewayTimeout, "gateway-timeout", time.Second, "time until HTTP 504, with -above-id-cap timeout")
	flags.IntVar(&c.paging.MaxPageSize, "page-cap", 0, "largest page in `rows`, 0 for any")
	flags.Func("above-page-cap", "`effect` of a larger page size: capped (default), refused or bad-request",
		oneOf(&c.paging.TooLarge, pageEffects))
	flags.BoolVar(&c.paging.OffsetByRequested, "offset-by-requested", false,
		"compute the first row of a page from the requested page size, even if the page is capped")
}

func (c config) options() simulator.Options {
	products := simulator.DefaultProducts(c.devices)
	products[0].ID, products[1].ID = c.lwm2m, c.tLink
	// Of twelve devices, one has no version, and two have that of the newest firmware.
	products[0].Versions = dealt("1.2800", "1.3000", "1.3251", "1.4000")
	products[1].Versions = dealt("10.1", "10.2", "10.3", "10.4")
	products[0].OfflineEvery, products[1].OfflineEvery = 7, 7
	for i := range products {
		products[i].Firmware = c.lookUps.firmware(products[i].Firmware)
	}
	options := simulator.Options{
		Products:         products,
		RequireMasterKey: c.requireMasterKey,
		ClockOffset:      c.clockOffset,
		Latency:          c.latency,
		JournalLimit:     1000,
		Quirks:           c.quirks,
		Paging:           c.paging,
		LookUps:          c.lookUps.options(),
		Upgrade: simulator.Upgrade{
			Spread: c.upgradeSpread, HoldAfter: c.holdAfter, FailPercent: c.failPercent, FailVersion: c.failVersion,
		},
	}
	options.Upgrade.Within(c.upgradeTime)
	if c.table == "2022" {
		options.Upgrade.Table = simulator.Table2022
	}
	return options
}

// dealt returns the versions of twelve devices, from the oldest version to the newest.
func dealt(oldest, older, target, newest string) []string {
	return []string{
		older, older, target, older, oldest, newest, older, target, simulator.NoVersion, older, oldest, newest,
	}
}
