package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// platform is the platform with the methods that serve the API.
type platform struct {
	*simulator.Platform

	started time.Time
}

// ProtocolName returns the name of a value of productProtocol.
func ProtocolName(protocol int) string {
	switch protocol {
	case simulator.ProtocolLwM2M:
		return "LwM2M"
	case simulator.ProtocolTLink:
		return "T-Link"
	}
	return fmt.Sprintf("protocol %d", protocol)
}

// overview serves the products and the settings.
func (p *platform) overview(*http.Request) (any, error) {
	o := Overview{Started: p.started, Products: []Product{}, Settings: p.settings()}
	for _, product := range p.Products() {
		shown := Product{
			ID: product.ID, Name: product.Name, Protocol: ProtocolName(product.Protocol), Devices: product.DeviceCount,
			Firmware: []Firmware{},
		}
		for _, image := range product.Firmware {
			shown.Firmware = append(shown.Firmware, Firmware(image))
		}
		o.Products = append(o.Products, shown)
	}
	return o, nil
}

func (p *platform) settings() Settings {
	options := p.Options()
	return Settings{
		FailPercent: options.Upgrade.FailPercent, FailVersion: options.Upgrade.FailVersion,
		UpgradeTime: (options.Upgrade.WaitingTime + options.Upgrade.UpgradeTime).String(),
		HoldAfter:   options.Upgrade.HoldAfter, Latency: options.Latency.String(),
	}
}

// changeSettings changes settings, or none if one of them is invalid.
func (p *platform) changeSettings(r *http.Request) (any, error) {
	change, err := read[SettingsChange](r)
	if err != nil {
		return nil, err
	}
	upgradeTime, err1 := duration("upgrade time", change.UpgradeTime)
	latency, err2 := duration("latency", change.Latency)
	if err := errors.Join(err1, err2, checkHold(change.HoldAfter), p.checkFailures(change)); err != nil {
		return nil, invalid("%v", err)
	}
	p.Configure(func(o *simulator.Options) {
		set(&o.Upgrade.FailPercent, change.FailPercent)
		set(&o.Upgrade.FailVersion, change.FailVersion)
		set(&o.Upgrade.HoldAfter, change.HoldAfter)
		set(&o.Latency, latency)
	})
	if upgradeTime != nil {
		p.SetUpgradeTime(*upgradeTime)
	}
	return p.settings(), nil
}

func checkHold(after *int) error {
	if after != nil && *after < 0 {
		return fmt.Errorf("the number of devices that succeed until a task is held is 0 or more, not %d", *after)
	}
	return nil
}

func (p *platform) checkFailures(change SettingsChange) error {
	if n := change.FailPercent; n != nil && (*n < 0 || *n > 100) {
		return fmt.Errorf("the percentage of devices that fail is 0 to 100, not %d", *n)
	}
	version := change.FailVersion
	if version == nil || *version == "" {
		return nil
	}
	for _, product := range p.Products() {
		if slices.ContainsFunc(product.Firmware, func(f simulator.Firmware) bool { return f.Version == *version }) {
			return nil
		}
	}
	return fmt.Errorf("no firmware has the version %q", *version)
}

// duration returns a time of 0 or more, or nil for nil.
func duration(name string, text *string) (*time.Duration, error) {
	if text == nil {
		return nil, nil
	}
	d, err := time.ParseDuration(*text)
	if err != nil || d < 0 {
		return nil, fmt.Errorf("the %s has a number and a unit, such as 10s or 1h30m, not %q", name, *text)
	}
	return &d, nil
}

// set assigns a value that is not nil.
func set[T any](target, value *T) {
	if value != nil {
		*target = *value
	}
}
