// Command aep-simulator serves the simulated platform over HTTP.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "aep-simulator:", err)
		os.Exit(1)
	}
}

// config is the command line.
type config struct {
	listen, table, deviceFiles, readyFile string
	lwm2m, tLink                          int64
	devices, failPercent                  int
	latency, clockOffset, upgradeTime     time.Duration
	requireMasterKey                      bool
	quirks                                simulator.Quirks
	paging                                simulator.Paging
	lookUps                               lookUps
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	flags := flag.NewFlagSet("aep-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:0", "`address` to listen on")
	flags.Int64Var(&c.lwm2m, "lwm2m", simulator.LwM2MProduct, "`id` of the LwM2M product")
	flags.Int64Var(&c.tLink, "t-link", simulator.TLinkProduct, "`id` of the T-Link product")
	flags.IntVar(&c.devices, "devices", 5000, "`number` of devices of each product")
	flags.DurationVar(&c.latency, "latency", 0, "time that each call takes")
	flags.DurationVar(&c.clockOffset, "clock-offset", 0, "how far the platform's clock is ahead")
	flags.BoolVar(&c.requireMasterKey, "require-master-key", false, "refuse requests without MasterKey")
	flags.StringVar(&c.table, "table", "2019", "LwM2M code table, 2019 or 2022")
	flags.DurationVar(&c.upgradeTime, "upgrade-time", 10*time.Second, "time that a device needs")
	flags.IntVar(&c.failPercent, "fail-percent", 0, "share of devices that fail")
	flags.StringVar(&c.deviceFiles, "device-file", "", "write one file of device ids per product into `directory`")
	flags.StringVar(&c.readyFile, "ready-file", "", "write the environment lines to `file` once the port is open")
	limitFlags(flags, &c)
	c.lookUps.declare(flags)
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	switch {
	case flags.NArg() > 0:
		return c, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.table != "2019" && c.table != "2022":
		return c, fmt.Errorf("-table is 2019 or 2022, not %q", c.table)
	case c.lwm2m == c.tLink:
		return c, errors.New("-lwm2m and -t-link name the same product")
	case c.quirks.MaxOperationalIDs < 0 || c.paging.MaxPageSize < 0 || c.quirks.GatewayTimeout < 0:
		return c, errors.New("-id-cap, -page-cap or -gateway-timeout is out of range")
	case c.lookUps.MaxIDs < 0 || c.lookUps.Paging.MaxPageSize < 0:
		return c, errors.New("-look-up-id-cap or -look-up-page-cap is out of range")
	case c.devices < 0 || c.failPercent < 0 || c.failPercent > 100:
		return c, errors.New("-devices or -fail-percent is out of range")
	}
	return c, nil
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
			WaitingTime: c.upgradeTime / 5,
			UpgradeTime: c.upgradeTime - c.upgradeTime/5,
			Fail:        simulator.FailPercent(c.failPercent, "8"),
		},
	}
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

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listen)
	if err != nil {
		return err
	}
	options := c.options()
	platform := simulator.New(options)
	served := make(chan error, 1)
	go func() { served <- platform.Serve(listener) }()
	if err := announce(c, platform, options.Products, "http://"+listener.Addr().String(), stdout); err != nil {
		platform.Close()
		return errors.Join(err, ignoreClosed(<-served))
	}
	select {
	case <-ctx.Done():
		platform.Close()
		return ignoreClosed(<-served)
	case err := <-served:
		platform.Close()
		return err
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// announce prints the environment variables of a client and the content of the
// platform. It writes the ready file last, for scripts that wait for it.
func announce(
	c config, p *simulator.Platform, products []simulator.ProductSeed, endpoint string, stdout io.Writer,
) error {
	environment, err := environmentLines(endpoint, products)
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, environment)
	for _, product := range products {
		fmt.Fprintf(stdout, "# product %d, %s (protocol %d), %d devices\n", product.ID, product.Name, product.Protocol, product.DeviceCount)
		for _, firmware := range product.Firmware {
			fmt.Fprintf(stdout, "#   firmware %d, version %s\n", firmware.ID, firmware.Version)
		}
		for _, group := range product.Groups {
			fmt.Fprintf(stdout, "#   group %d, %s\n", group.ID, group.Name)
		}
		if c.deviceFiles == "" {
			continue
		}
		file, err := writeDevices(c.deviceFiles, product.ID, p.DeviceIDs(product.ID))
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "#   device ids in %s\n", file)
	}
	if c.readyFile == "" {
		return nil
	}
	return replaceFile(c.readyFile, []byte(environment))
}

func environmentLines(endpoint string, products []simulator.ProductSeed) (string, error) {
	keys := map[string]string{}
	for _, product := range products {
		keys[strconv.FormatInt(product.ID, 10)] = product.MasterKey
	}
	masterKeys, err := json.Marshal(keys)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("export AEP_ENDPOINT=%s AEP_APP_KEY=%s AEP_APP_SECRET=%s AEP_MASTER_KEYS='%s'\n",
		endpoint, simulator.DefaultAppKey, simulator.DefaultAppSecret, masterKeys), nil
}

func writeDevices(folder string, productID int64, ids []string) (string, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", err
	}
	name := filepath.Join(folder, strconv.FormatInt(productID, 10)+".txt")
	file, err := os.Create(name)
	if err != nil {
		return "", err
	}
	buffered := bufio.NewWriter(file)
	for _, id := range ids {
		_, _ = buffered.WriteString(id + "\n") // Flush returns the error.
	}
	return name, errors.Join(buffered.Flush(), file.Close())
}

// replaceFile writes a file atomically, so that no reader sees a part of it.
func replaceFile(name string, content []byte) error {
	temporary := name + ".tmp"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}
