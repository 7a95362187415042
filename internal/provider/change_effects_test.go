package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/provider"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The sentences that say what a change of an argument does.
const (
	replacesText = "Changing this replaces the "
	inPlaceText  = "Changed in place."
	noCallText   = "Changed in place, without a call."
	judgedText   = "Changed in place, and the task is judged again."
	noStartText  = "Changed in place, without a second start."
)

// effect is the change of one argument of a resource: the arguments before and after it, the sentence that says what it
// does, and what happens in the console between the two.
type effect struct {
	before, after coretest.Config
	says          string
	meanwhile     func(*simulator.Platform) error
}

// TestDescriptionsSayWhatAChangeDoes changes every argument of every resource. It compares the plan, and the writes that
// the platform receives, with the description of the argument.
func TestDescriptionsSayWhatAChangeDoes(t *testing.T) {
	t.Parallel()
	schemas, err := provider.NewServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	devices := coretest.NewPlatform(t).DeviceIDs(coretest.LwM2MProduct)[:11]
	file := filepath.Join(t.TempDir(), "devices.txt")
	coretest.Must(t, os.WriteFile(file, []byte(strings.Join(devices[1:10], "\n")), 0o600))
	for typeName, effects := range map[string]map[string]effect{
		"aep_upgrade_task":    taskEffects(),
		"aep_upgrade_devices": setEffects(devices[:10], devices[10], file),
		"aep_upgrade_rollout": rolloutEffects(),
	} {
		walk(schemas.ResourceSchemas[typeName].Block, "", func(path string, a *tfprotov6.SchemaAttribute) {
			if !a.Required && !a.Optional {
				return
			}
			argument, _, inner := strings.Cut(strings.TrimPrefix(path, "."), ".")
			e, known := effects[argument]
			if !known {
				t.Errorf("%s: no test changes %s", typeName, argument)
			}
			if !strings.Contains(a.Description, e.says) {
				t.Errorf("%s%s does not say %q: %q", typeName, path, e.says, a.Description)
			}
			if !inner {
				t.Run(typeName+path, func(t *testing.T) { e.verify(t, typeName) })
			}
		})
		t.Run(typeName+".timeouts", func(t *testing.T) { effects["timeouts"].verify(t, typeName) })
	}
}

// verify applies the change and compares what happens with the sentence.
func (e effect) verify(t *testing.T, typeName string) {
	t.Parallel()
	taskScene(t, taskConfig(nil), func(t *testing.T, s scene) {
		i := s.task
		if typeName == "aep_upgrade_task" {
			s.MustApply(s.ctx, i, nil)
		} else {
			coretest.ConsoleTask(t, s.p, simulator.TaskDraft{Name: "another"}, 0)
			i = s.Absent(typeName)
			if typeName == "aep_upgrade_rollout" {
				coretest.Must(t, s.p.Join(s.id(), s.p.DeviceIDs(coretest.LwM2MProduct)[:3]...))
			}
		}
		s.MustApply(s.ctx, i, e.before)
		if e.meanwhile != nil {
			coretest.Must(t, e.meanwhile(s.p))
		}
		time.Sleep(time.Minute)
		s.MustRefresh(s.ctx, i)
		made := s.Plan(s.ctx, i, e.after)
		s.NoErrors(made.Diags)
		if made.Action.Replaces() != (e.says == replacesText) || made.Action == coretest.NoAction {
			t.Errorf("the plan is to %s", made.Action)
		}
		if e.says == replacesText {
			return
		}
		before := len(s.p.Requests())
		s.NoErrors(s.Perform(s.ctx, i, e.after, made))
		if sent := s.p.Requests()[before:]; (len(sent) == 0) != (e.says == noCallText) {
			t.Errorf("the change sends %d requests: %v", len(sent), sent)
		}
	})
}

// effectsOf returns effects that differ from usual arguments in one argument each.
func effectsOf(usual coretest.Config, says string, after coretest.Config) map[string]effect {
	all := map[string]effect{}
	for name, value := range after {
		all[name] = effect{usual, coretest.Merge(usual, coretest.Config{name: value}), says, nil}
	}
	return all
}

var longer = coretest.Config{"create": "2h", "read": "2h", "update": "2h", "delete": "2h"}

func taskEffects() map[string]effect {
	usual := taskConfig(nil)
	all := effectsOf(usual, inPlaceText, coretest.Config{"name": "renamed", "description": "a fix", "retry_times": 2})
	maps.Copy(all, effectsOf(usual, replacesText, coretest.Config{"firmware_id": 3298}))
	maps.Copy(all, effectsOf(usual, noCallText, coretest.Config{
		"force_destroy": true, "allow_recreate": true, "adopt_existing": true, "timeouts": longer,
	}))
	lamps := coretest.Config{"product_id": coretest.TLinkProduct, "firmware_id": coretest.TLinkFirmware, "name": "lamps", "timeout_hours": 24}
	all["timeout_hours"] = effect{lamps, coretest.Merge(lamps, coretest.Config{"timeout_hours": 48}), inPlaceText, nil}
	all["product_id"] = effect{usual, lamps, replacesText, nil}
	return all
}

func setEffects(devices []string, unlisted, file string) map[string]effect {
	target := coretest.Config{"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask}
	usual := coretest.Merge(target, coretest.Config{"device_ids": devices})
	group := coretest.Merge(target, coretest.Config{"device_group_id": "21001"})
	all := effectsOf(usual, inPlaceText, coretest.Config{"device_ids": devices[1:]})
	maps.Copy(all, effectsOf(usual, noCallText, coretest.Config{
		"name": "renamed", "on_remove": "keep", "force_destroy": true, "drift_detection": "count", "preflight": true, "batch_size": 7,
		"from_versions": []string{"1.0"}, "skip_current": true, "unknown_versions": "skip",
		"timeouts": longer,
	}))
	maps.Copy(all, effectsOf(usual, replacesText, coretest.Config{"task_id": coretest.FirstTask + 1}))
	maps.Copy(all, effectsOf(group, inPlaceText, coretest.Config{"device_group_id": "21002"}))
	all["selection"] = effect{
		group, coretest.Merge(group, coretest.Config{"selection": "continuous"}), inPlaceText,
		func(p *simulator.Platform) error {
			return p.SetDeviceGroup(coretest.LwM2MProduct, "21001", devices[0], devices[1], devices[2])
		},
	}
	waves := func(index int) coretest.Config { return coretest.Config{"weights": []any{1, 1}, "index": index} }
	maps.Copy(all, effectsOf(coretest.Merge(usual, coretest.Config{"wave": waves(0)}), inPlaceText, coretest.Config{"wave": waves(1)}))
	all["exclusive"] = effect{
		usual, coretest.Merge(usual, coretest.Config{"exclusive": true}), inPlaceText,
		func(p *simulator.Platform) error { return p.Join(coretest.FirstTask, unlisted) },
	}
	all["device_ids_file"] = effect{usual, coretest.Merge(target, coretest.Config{"device_ids_file": file}), inPlaceText, nil}
	all["device_ids_wo"] = effect{usual, coretest.Merge(target, coretest.Config{"device_ids_wo": devices[1:]}), inPlaceText, nil}
	all["product_id"] = effect{usual, coretest.Merge(usual, coretest.Config{"product_id": coretest.TLinkProduct}), replacesText, nil}
	return all
}

func rolloutEffects() map[string]effect {
	usual := coretest.Config{
		"product_id": coretest.LwM2MProduct, "task_id": coretest.FirstTask, "expected_device_count": 3, "wait_for": "finished",
	}
	all := effectsOf(usual, noCallText, coretest.Config{
		"on_destroy": "cancel", "allow_recreate": true, "on_abort": "stop_waiting", "poll_interval": "10s", "expected_device_count": 4,
		"timeouts": longer,
	})
	maps.Copy(all, effectsOf(usual, judgedText, coretest.Config{
		"minimum_success_percent": 90, "abort_failure_percent": 5, "abort_minimum_devices": 7,
	}))
	started := coretest.Merge(usual, coretest.Config{"wait_for": "started"})
	maps.Copy(all, effectsOf(started, noStartText, coretest.Config{"wait_for": "finished"}))
	maps.Copy(all, effectsOf(usual, replacesText, coretest.Config{"task_id": coretest.FirstTask + 1, "product_id": coretest.TLinkProduct}))
	return all
}
