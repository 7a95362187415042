package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

func TestRunServesUntilStopped(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var stdout bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{
			"-devices", "3", "-device-file", folder, "-ready-file", ready, "-t-link", "77", "-table", "2022",
		}, &stdout)
	}()
	environment := waitFor(t, ready, ended)
	endpoint := regexp.MustCompile(`AEP_ENDPOINT=(\S+)`).FindStringSubmatch(environment)
	if endpoint == nil {
		t.Fatalf("no endpoint in %q", environment)
	}
	response, err := http.Get(endpoint[1] + "/echo")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.Header.Get("x-ag-timestamp") == "" {
		t.Error("no x-ag-timestamp")
	}
	if !strings.Contains(environment, `"77":"`) || !strings.Contains(environment, "AEP_APP_SECRET=") {
		t.Errorf("environment %q", environment)
	}
	for file, lines := range map[string]int{"10005977.txt": 3, "77.txt": 3} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil || strings.Count(string(content), "\n") != lines {
			t.Errorf("%s: %q, %v", file, content, err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if answer, err := http.Get(endpoint[1] + "/echo"); err == nil {
		_ = answer.Body.Close()
		t.Error("the port is still open")
	}
	for _, line := range []string{
		environment, "# product 77, Street lamps (T-Link), 3 devices", "firmware 3297, version 1.3251", "group 21005, pilot",
	} {
		if !strings.Contains(stdout.String(), line) {
			t.Errorf("%q is not in %q", line, stdout.String())
		}
	}
}

func waitFor(t *testing.T, file string, ended <-chan error) string {
	t.Helper()
	for { // There is no limit: `make simulate` builds the program first.
		if content, err := os.ReadFile(file); err == nil {
			return string(content)
		}
		select {
		case err := <-ended:
			t.Fatal("ended:", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args string
		want string // of the error, none if it is empty
	}{
		"none": {"", ""},
		"all": {"-listen :0 -lwm2m 1 -t-link 2 -devices 0 -latency 1s -page-cap 9 -clock-offset -1m " +
			"-require-master-key -table 2022 -upgrade-time 0s -fail-percent 100 -id-cap 200 -above-id-cap timeout -gateway-timeout 2s " +
			"-above-page-cap refused -offset-by-requested -unsubscribed firmware,group -unsubscribed-response business " +
			"-look-up-page-cap 40 -above-look-up-page-cap refused -look-up-id-cap 200 -exact-search -null-lists -numbers-as-text", ""},
		"table":           {"-table 2020", `-table is 2019 or 2022, not "2020"`},
		"argument":        {"x", `unexpected argument "x"`},
		"bad firmware":    {"-fail-percent 30 -fail-version 1.4000", ""},
		"no firmware":     {"-fail-version 1.4", `-fail-version is one of 1.3000`},
		"upgrade time":    {"-upgrade-time -1s", `-upgrade-time is 0 or more, not -1s`},
		"latency":         {"-latency -1s", `-latency is 0 or more, not -1s`},
		"hold":            {"-hold-after -1", `-hold-after is 0 or more, not -1`},
		"spread":          {"-upgrade-spread -1s", `-upgrade-spread is 0 or more, not -1s`},
		"same product":    {"-lwm2m 5 -t-link 5", `-lwm2m and -t-link name the same product`},
		"percent":         {"-fail-percent 101", `-fail-percent is 0 to 100, not 101`},
		"devices":         {"-devices -1", `-devices is 0 or more, not -1`},
		"unknown flag":    {"-x", `flag provided but not defined: -x`},
		"not a duration":  {"-latency 5", `invalid value "5" for flag -latency`},
		"percent below 0": {"-fail-percent -1", `-fail-percent is 0 to 100, not -1`},
		"ids below 0":     {"-id-cap -1", `-id-cap is 0 or more, not -1`},
		"rows below 0":    {"-page-cap -1", `-page-cap is 0 or more, not -1`},
		"time below 0":    {"-gateway-timeout -1s", `-gateway-timeout is 0 or more, not -1s`},
		"effect on ids":   {"-above-id-cap capped", `invalid value "capped" for flag -above-id-cap`},
		"service":         {"-unsubscribed upgrade", `invalid value "upgrade" for flag -unsubscribed`},
		"two services":    {"-unsubscribed firmware,x", `invalid value "firmware,x" for flag -unsubscribed`},
		"response":        {"-unsubscribed-response 500", `invalid value "500" for flag -unsubscribed-response`},
		"ids of look-up":  {"-look-up-id-cap -1", `-look-up-id-cap is 0 or more, not -1`},
		"rows of look-up": {"-look-up-page-cap -1", `-look-up-page-cap is 0 or more, not -1`},
		"effect on pages": {"-above-page-cap truncated", `invalid value "truncated" for flag -above-page-cap`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			_, err := parse(strings.Fields(tc.args), &stderr)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestLimitsReachThePlatform(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		quirks simulator.Quirks
		paging simulator.Paging
	}{
		"": {quirks: simulator.Quirks{GatewayTimeout: time.Second}},
		"-id-cap 200 -above-id-cap refused -gateway-timeout 3s": {
			quirks: simulator.Quirks{MaxOperationalIDs: 200, GatewayTimeout: 3 * time.Second},
		},
		"-above-id-cap bad-request": {
			quirks: simulator.Quirks{TooManyIDs: simulator.TooManyIDsBadRequest, GatewayTimeout: time.Second},
		},
		"-above-id-cap timeout": {
			quirks: simulator.Quirks{TooManyIDs: simulator.TooManyIDsTimeout, GatewayTimeout: time.Second},
		},
		"-above-id-cap truncated": {
			quirks: simulator.Quirks{TooManyIDs: simulator.TooManyIDsTruncated, GatewayTimeout: time.Second},
		},
		"-page-cap 100 -above-page-cap capped -offset-by-requested": {
			quirks: simulator.Quirks{GatewayTimeout: time.Second},
			paging: simulator.Paging{MaxPageSize: 100, OffsetByRequested: true},
		},
		"-above-page-cap refused": {
			quirks: simulator.Quirks{GatewayTimeout: time.Second},
			paging: simulator.Paging{TooLarge: simulator.PageTooLargeRefused},
		},
		"-above-page-cap bad-request": {
			quirks: simulator.Quirks{GatewayTimeout: time.Second},
			paging: simulator.Paging{TooLarge: simulator.PageTooLargeBadRequest},
		},
	}
	for args, want := range cases {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			c, err := parse(strings.Fields(args), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			got := c.options()
			if !reflect.DeepEqual(got.Quirks, want.quirks) {
				t.Errorf("got %+v, want %+v", got.Quirks, want.quirks)
			}
			if got.Paging != want.paging {
				t.Errorf("got %+v, want %+v", got.Paging, want.paging)
			}
		})
	}
}
