package main

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// lookUpFlags declares the flags for the services that look up firmware, products, groups and devices.
func lookUpFlags(flags *flag.FlagSet, c *config) {
	flags.Func("unsubscribed", "`services` without a subscription, with commas: firmware, product, device or group", func(text string) error {
		for _, name := range strings.Split(text, ",") {
			service, known := services[name]
			if !known {
				return fmt.Errorf("not one of %s", strings.Join(slices.Sorted(maps.Keys(services)), ", "))
			}
			c.unsubscribed = append(c.unsubscribed, service)
		}
		return nil
	})
	flags.Func("unsubscribed-response", "`response` of a service without a subscription: 403 (default), 401, 404, 400 or business",
		oneOf(&c.refusal, map[string]simulator.Unsubscribed{
			"403": simulator.Unsubscribed403, "401": simulator.Unsubscribed401, "404": simulator.Unsubscribed404,
			"400": simulator.Unsubscribed400, "business": simulator.UnsubscribedBusiness,
		}))
	flags.IntVar(&c.lookUps.Paging.MaxPageSize, "look-up-page-cap", 0, "largest page of a look-up in `rows`, 0 for any")
	flags.Func("above-look-up-page-cap", "`effect` of a larger page size: capped (default), refused or bad-request",
		oneOf(&c.lookUps.Paging.TooLarge, pageEffects))
	flags.IntVar(&c.lookUps.MaxIDs, "look-up-id-cap", 0, "most `ids` in a look-up of devices, 0 for any")
	flags.BoolVar(&c.exactSearch, "exact-search", false, "let a search find equal names only")
	flags.BoolVar(&c.nullLists, "null-lists", false, "show a list without rows as null")
	flags.BoolVar(&c.lookUps.NumbersAsText, "numbers-as-text", false, "show the numbers of a look-up as texts")
}

// services are the names of the services on the command line.
var services = map[string]string{
	"firmware": simulator.FirmwareService, "product": simulator.ProductService,
	"device": simulator.DeviceService, "group": simulator.GroupService,
}

// lookUpOptions returns the switches of look-ups.
func (c config) lookUpOptions() simulator.LookUps {
	l := c.lookUps
	if len(c.unsubscribed) > 0 {
		l.Unsubscribed = map[string]simulator.Unsubscribed{}
	}
	for _, service := range c.unsubscribed {
		l.Unsubscribed[service] = c.refusal
	}
	l.ExactProducts, l.ExactFirmware, l.ExactGroups, l.ExactDevices = c.exactSearch, c.exactSearch, c.exactSearch, c.exactSearch
	if c.nullLists {
		l.None = simulator.NoneNull
	}
	return l
}
