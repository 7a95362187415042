package main

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestLookUpFlagsReachThePlatform(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]simulator.LookUps{
		"": {},
		"-unsubscribed firmware,group": {Unsubscribed: map[string]simulator.Unsubscribed{
			simulator.FirmwareService: simulator.Unsubscribed403, simulator.GroupService: simulator.Unsubscribed403,
		}},
		"-unsubscribed product -unsubscribed-response 401 -unsubscribed device": {Unsubscribed: map[string]simulator.Unsubscribed{
			simulator.ProductService: simulator.Unsubscribed401, simulator.DeviceService: simulator.Unsubscribed401,
		}},
		"-look-up-page-cap 40 -above-look-up-page-cap bad-request -look-up-id-cap 200": {
			Paging: simulator.Paging{MaxPageSize: 40, TooLarge: simulator.PageTooLargeBadRequest}, MaxIDs: 200,
		},
		"-exact-search":    {ExactProducts: true, ExactFirmware: true, ExactGroups: true, ExactDevices: true},
		"-null-lists":      {None: simulator.NoneNull},
		"-numbers-as-text": {NumbersAsText: true},
		"-hide-unapproved": {HideUnapproved: true},
	} {
		c, err := parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.options().LookUps; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
}

func TestFirmwareFlagsReachThePlatform(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                     "3296 3297 3298 ",
		"-firmware-twins":                      "3296 3297 3298 4298 ",
		"-unapproved-firmware":                 "3296 3297 3298! ",
		"-unapproved-firmware -firmware-twins": "3296 3297 3298! 4298! ",
	} {
		c, err := parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range c.options().Products[0].Firmware {
			got += fmt.Sprintf("%d%s ", f.ID, map[bool]string{true: "!"}[f.Unapproved])
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", args, got, want)
		}
	}
	c, err := parse([]string{"-no-versions"}, io.Discard)
	if hide := c.options().LookUps.HideVersions; err != nil || hide == nil || !hide("a") {
		t.Errorf("-no-versions: %v, got visible versions", err)
	}
}

// TestFleetHasSeveralVersions counts the versions of the devices of a demo.
func TestFleetHasSeveralVersions(t *testing.T) {
	t.Parallel()
	c, err := parse([]string{"-devices", "1200"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	platform := simulator.New(c.options())
	defer platform.Close()
	for product, want := range map[int64]map[string]int{
		simulator.LwM2MProduct: {"1.2800": 200, "1.3000": 500, "1.3251": 200, "1.4000": 200, "": 100},
		simulator.TLinkProduct: {"10.1": 200, "10.2": 500, "10.3": 200, "10.4": 200, "": 100},
	} {
		got := map[string]int{}
		for _, id := range platform.DeviceIDs(product) {
			device, _ := platform.Device(product, id)
			got[device.FirmwareVersion]++
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("versions of product %d: got %v, want %v", product, got, want)
		}
	}
}
