package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// flags are the values of an argument that is true or false.
var flags = []any{false, true}

// timeoutValues are the values of the arguments of a timeouts block.
func timeoutValues(values map[string][]any) map[string][]any {
	for _, operation := range []string{"create", "read", "update", "delete"} {
		values["timeouts."+operation] = []any{"90m", nil}
	}
	return values
}

func TestUnknownArgumentsOfATask(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		config          coretest.Config
		product, newer  int
		other, argument string
		values, others  []any
	}{
		"LwM2M": {
			taskConfig(nil), coretest.LwM2MProduct, coretest.LwM2MNewer, "timeout_hours", "retry_times", []any{0, 1, 3}, []any{24, 168},
		},
		"T-Link": {
			coretest.Config{
				"product_id": coretest.TLinkProduct, "firmware_id": coretest.TLinkFirmware, "name": "meters", "timeout_hours": 24,
			}, coretest.TLinkProduct, coretest.TLinkFirmware + 1, "retry_times", "timeout_hours", []any{24, 1, 168}, []any{0, 1, 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			either := coretest.UnknownCase{With: coretest.Config{one.argument: coretest.Unknown{}, one.other: coretest.Unknown{}}}
			instead := coretest.UnknownCase{With: coretest.Config{one.argument: nil, one.other: coretest.Unknown{}}}
			for _, value := range one.values {
				either.Values = append(either.Values, coretest.Config{one.argument: value, one.other: nil})
			}
			for _, value := range one.others {
				either.Values = append(either.Values, coretest.Config{one.argument: nil, one.other: value})
				instead.Values = append(instead.Values, coretest.Config{one.argument: nil, one.other: value})
			}
			coretest.CheckUnknowns(t, func(t testing.TB) coretest.UnknownSubject {
				p := coretest.NewPlatform(t)
				return coretest.UnknownSubject{
					TypeName: "aep_upgrade_task", Core: coretest.New(t, p, nil), Platform: p, Config: one.config,
					Change: coretest.Config{"description": "described"},
					Values: timeoutValues(map[string][]any{
						"product_id":  {one.product, coretest.LwM2MProduct, coretest.TLinkProduct},
						"firmware_id": {one.config["firmware_id"], one.newer},
						"name":        {"meters", "renamed"}, "description": {nil, "", "another"},
						"force_destroy": flags, "allow_recreate": flags, "adopt_existing": flags,
						one.argument: one.values,
					}),
					Cases: map[string]coretest.UnknownCase{one.other: instead, "one or the other": either},
				}
			})
		})
	}
}

func wave(index, seed any, weights ...any) coretest.Config {
	return coretest.Config{"index": index, "seed": seed, "weights": weights}
}

func TestUnknownArgumentsOfASet(t *testing.T) {
	t.Parallel()
	ids := coretest.NewPlatform(t).DeviceIDs(coretest.LwM2MProduct)
	file := filepath.Join(t.TempDir(), "devices.txt")
	coretest.Must(t, os.WriteFile(file, []byte(strings.Join(ids[1:4], "\n")), 0o600))
	coretest.CheckUnknowns(t, func(t testing.TB) coretest.UnknownSubject {
		p := coretest.NewPlatform(t)
		task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 0)
		other, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "other"}, 0)
		coretest.Must(t, p.SetDeviceGroup(coretest.LwM2MProduct, "g", ids[2:5]...))
		lists := []any{ids[:3], ids[1:5], []string{ids[2], ids[0], ids[1]}}
		source := func(name string, values ...any) coretest.UnknownCase {
			one := coretest.UnknownCase{With: coretest.Config{"device_ids": nil, name: coretest.Unknown{}}}
			for _, value := range values {
				one.Values = append(one.Values, coretest.Config{"device_ids": nil, name: value})
			}
			return one
		}
		waves := func(unknown any, known ...any) coretest.UnknownCase {
			one := coretest.UnknownCase{With: coretest.Config{"device_ids": ids[:20], "wave": unknown}}
			for _, value := range known {
				one.Values = append(one.Values, coretest.Config{"device_ids": ids[:20], "wave": value})
			}
			return one
		}
		return coretest.UnknownSubject{
			TypeName: "aep_upgrade_devices", Core: coretest.New(t, p, nil), Platform: p,
			Config: coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "device_ids": ids[:3]},
			Change: coretest.Config{"name": "renamed"},
			Values: timeoutValues(map[string][]any{
				"product_id": {coretest.LwM2MProduct, coretest.TLinkProduct}, "task_id": {task, other},
				"name": {"default", "other", nil}, "device_ids": lists, "selection": {"snapshot", "continuous"},
				"exclusive": flags, "on_remove": {"cancel", "keep"}, "force_destroy": flags,
				"drift_detection": {"auto", "full", "count", "none"}, "preflight": flags, "batch_size": {1, 100, 1000},
				"from_versions": {nil, []string{"1.0.0"}, []string{"2", "1"}}, "skip_current": flags, "unknown_versions": {"join", "skip"},
			}),
			Refused: map[string]string{"exclusive": "exclusive is known only after apply"},
			Cases: map[string]coretest.UnknownCase{
				"device_ids_wo":   source("device_ids_wo", lists...),
				"device_ids_file": source("device_ids_file", file),
				"device_group_id": source("device_group_id", "g", "no such group"),
				"an element": {
					With:   coretest.Config{"device_ids": []any{ids[0], coretest.Unknown{}}},
					Values: []coretest.Config{{"device_ids": ids[:2]}, {"device_ids": []string{ids[0], ids[5]}}},
				},
				"a hidden element": {
					With: coretest.Config{"device_ids": nil, "device_ids_wo": []any{ids[0], coretest.Unknown{}}},
					Values: []coretest.Config{
						{"device_ids": nil, "device_ids_wo": ids[:2]}, {"device_ids": nil, "device_ids_wo": []string{ids[0], ids[5]}},
					},
				},
				"from_versions, one of them": {
					With:   coretest.Config{"from_versions": []any{"2", coretest.Unknown{}}},
					Values: []coretest.Config{{"from_versions": []string{"2", "1.0.0"}}, {"from_versions": []string{"2", "1"}}},
				},
				"wave":         waves(coretest.Unknown{}, nil, wave(0, "s", 1, 1), wave(1, "s", 1, 1)),
				"wave.weights": waves(wave(0, "s", 1, coretest.Unknown{}), wave(0, "s", 1, 1), wave(0, "s", 1, 20)),
				"wave.index":   waves(wave(coretest.Unknown{}, "s", 1, 1), wave(0, "s", 1, 1), wave(1, "s", 1, 1)),
				"wave.seed":    waves(wave(0, coretest.Unknown{}, 1, 1), wave(0, "s", 1, 1), wave(0, nil, 1, 1)),
			},
		}
	})
}

func TestUnknownArgumentsOfARollout(t *testing.T) {
	t.Parallel()
	coretest.CheckUnknowns(t, func(t testing.TB) coretest.UnknownSubject {
		p := coretest.NewPlatform(t)
		task, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{}, 3)
		other, _ := coretest.ConsoleTask(t, p, simulator.TaskDraft{Name: "other"}, 3)
		return coretest.UnknownSubject{
			TypeName: "aep_upgrade_rollout", Core: coretest.New(t, p, nil), Platform: p,
			Config: coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": task, "expected_device_count": 3},
			Change: coretest.Config{"wait_for": "finished"},
			Values: timeoutValues(map[string][]any{
				"product_id": {coretest.LwM2MProduct, coretest.TLinkProduct}, "task_id": {task, other},
				"expected_device_count": {0, 3, 4}, "wait_for": {"none", "started", "finished"}, "on_destroy": {"none", "cancel"},
				"allow_recreate": flags, "minimum_success_percent": {0, 100, nil}, "abort_failure_percent": {nil, 50.5},
				"abort_minimum_devices": {1, 10}, "on_abort": {"cancel", "stop_waiting"}, "poll_interval": {"30s", "1m"},
			}),
		}
	})
}
