package provider

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/ctwing/terraform-provider-aep/internal/campaign"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/progress"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The keys of the private state of a rollout.
const (
	// cancelAnnouncedKey is set by the plan of a destroy that announces a cancel. Without it, Delete cancels
	// nothing: it is also called for replacements.
	cancelAnnouncedKey = "cancel_announced"
	// beforeKey holds the devices that took no part in the start.
	beforeKey = "before_start"
	// startedKey is set once the task may have been started. A failed update keeps the old counts in the
	// state, so they do not show it.
	startedKey = "started"
	// ownerKey holds a name of the rollout that both plannings of a replacement share.
	ownerKey = "owner"
)

// setCancelAnnounced records whether a plan announces a cancel.
func setCancelAnnounced(ctx context.Context, private privateWriter, announced bool) diag.Diagnostics {
	return private.SetKey(ctx, cancelAnnouncedKey, []byte(strconv.FormatBool(announced)))
}

// saveStart records the result of a start before the watch, which may fail. It returns the start with the
// devices that took no part in it. If the call has not seen the start, they are kept.
func saveStart(ctx context.Context, private privateWriter, started campaign.Started, kept progress.Before,
) (campaign.Started, diag.Diagnostics) {
	if started.Before.Unknown {
		started.Before = kept
	}
	// Devices may still be cancelled before the start of an empty wave.
	started.Before.Unknown = started.Before.Unknown || started.Empty
	diags := saveBefore(ctx, private, started.Before)
	if !started.Empty {
		diags.Append(private.SetKey(ctx, startedKey, []byte("true"))...)
	}
	return started, diags
}

// wasStarted reports whether the task of a rollout may have been started.
func wasStarted(ctx context.Context, state upgradeRolloutModel, private privateReader) (bool, diag.Diagnostics) {
	saved, diags := private.GetKey(ctx, startedKey)
	return len(saved) > 0 || !state.isEmpty(), diags
}

// saveBefore records the devices that took no part in a start.
func saveBefore(ctx context.Context, private privateWriter, before progress.Before) diag.Diagnostics {
	encoded, err := json.Marshal(before)
	if err != nil {
		return diag.Diagnostics{failure("Unable to remember the devices of an upgrade task", "%s", sentence(err))}
	}
	return private.SetKey(ctx, beforeKey, encoded)
}

// savedBefore returns the devices that saveBefore has recorded.
func savedBefore(ctx context.Context, private privateReader) (before progress.Before, diags diag.Diagnostics) {
	encoded, diags := private.GetKey(ctx, beforeKey)
	if len(encoded) == 0 {
		return progress.Before{Unknown: true}, diags
	}
	if err := json.Unmarshal(encoded, &before); err != nil {
		diags.Append(warning("Private state of the upgrade rollout is damaged",
			"Devices that were cancelled before the start may count as failed."))
		before = progress.Before{Unknown: true}
	}
	return before, diags
}
