package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// lookUps has the flags for the services that look up firmware, products, groups and devices.
type lookUps struct {
	simulator.LookUps

	unsubscribed           []string
	refusal                simulator.Unsubscribed
	exactSearch, nullLists bool
	firmwareTwins          bool
	unapproved             bool
	noVersions             bool
}

func (l *lookUps) declare(flags *flag.FlagSet) {
	flags.Func("unsubscribed", "`services` without a subscription, with commas: firmware, product, device or group", func(text string) error {
		for name := range strings.SplitSeq(text, ",") {
			service, known := services[name]
			if !known {
				return fmt.Errorf("not one of %s", strings.Join(slices.Sorted(maps.Keys(services)), ", "))
			}
			l.unsubscribed = append(l.unsubscribed, service)
		}
		return nil
	})
	flags.Func("unsubscribed-response", "`response` of a service without a subscription: 403 (default), 401, 404, 400 or business",
		oneOf(&l.refusal, map[string]simulator.Unsubscribed{
			"403": simulator.Unsubscribed403, "401": simulator.Unsubscribed401, "404": simulator.Unsubscribed404,
			"400": simulator.Unsubscribed400, "business": simulator.UnsubscribedBusiness,
		}))
	flags.IntVar(&l.Paging.MaxPageSize, "look-up-page-cap", 0, "largest page of a look-up in `rows`, 0 for any")
	flags.Func("above-look-up-page-cap", "`effect` of a larger page size: capped (default), refused or bad-request",
		oneOf(&l.Paging.TooLarge, pageEffects))
	flags.IntVar(&l.MaxIDs, "look-up-id-cap", 0, "most `ids` in a look-up of devices, 0 for any")
	flags.BoolVar(&l.exactSearch, "exact-search", false, "let a search find equal names only")
	flags.BoolVar(&l.nullLists, "null-lists", false, "show a list without rows as null")
	flags.BoolVar(&l.firmwareTwins, "firmware-twins", false, "let each product have a second firmware of its newest version")
	flags.BoolVar(&l.unapproved, "unapproved-firmware", false, "refuse tasks with the newest firmware, as before 审核 (approval)")
	flags.BoolVar(&l.HideUnapproved, "hide-unapproved", false, "leave unapproved firmware out of lists")
	flags.BoolVar(&l.noVersions, "no-versions", false, "show no device's firmware version in look-ups")
	flags.BoolVar(&l.NumbersAsText, "numbers-as-text", false, "show the numbers of a look-up as texts")
}

// twinOffset is the difference of the ids of two firmware of one version.
const twinOffset = 1000

// services are the names of the services on the command line.
var services = map[string]string{
	"firmware": simulator.FirmwareService, "product": simulator.ProductService,
	"device": simulator.DeviceService, "group": simulator.GroupService,
}

// firmware returns the firmware of a product as the flags want it.
func (l *lookUps) firmware(seeds []simulator.FirmwareSeed) []simulator.FirmwareSeed {
	newest := &seeds[len(seeds)-1]
	newest.Unapproved = l.unapproved
	if !l.firmwareTwins {
		return seeds
	}
	twin := *newest
	twin.ID, twin.Name = newest.ID+twinOffset, newest.Name+" (twin)"
	return append(seeds, twin)
}

// options returns the switches of look-ups.
func (l *lookUps) options() simulator.LookUps {
	o := l.LookUps
	if len(l.unsubscribed) > 0 {
		o.Unsubscribed = map[string]simulator.Unsubscribed{}
	}
	for _, service := range l.unsubscribed {
		o.Unsubscribed[service] = l.refusal
	}
	o.ExactProducts, o.ExactFirmware, o.ExactGroups, o.ExactDevices = l.exactSearch, l.exactSearch, l.exactSearch, l.exactSearch
	if l.noVersions {
		o.HideVersions = func(string) bool { return true }
	}
	if l.nullLists {
		o.None = simulator.NoneNull
	}
	return o
}
