package campaign

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
	"github.com/ctwing/terraform-provider-aep/internal/campaign/deviceset"
)

// deviceVersions are firmware versions by device, without white space around them. A device that reports no version
// has "". A device that was not found has no entry.
type deviceVersions struct {
	exact   map[string]string
	spelled map[string]string // of devices that the platform lists in another spelling
	asked   map[string]bool   // devices that the service for devices was asked for; true if it knows them
}

func newDeviceVersions() deviceVersions {
	return deviceVersions{exact: make(map[string]string), spelled: make(map[string]string), asked: make(map[string]bool)}
}

func (v deviceVersions) of(id string) (version string, found bool) {
	if version, found = v.exact[id]; !found {
		version, found = v.spelled[id]
	}
	return version, found
}

// lacking returns the devices of ids that have no entry.
func (v deviceVersions) lacking(ids deviceset.Set) (rest deviceset.Set) {
	for _, id := range ids {
		if _, found := v.of(id); !found {
			rest = append(rest, id)
		}
	}
	return rest
}

// add adds the rows of devices among ids, and returns the devices of ids that have no entry yet.
func (v deviceVersions) add(ids deviceset.Set, rows []aep.DeviceVersion) (rest deviceset.Set) {
	for _, d := range rows {
		if ids.Contains(d.ID) {
			record(v.exact, d.ID, d.Version)
		}
	}
	asked := make(map[string]string)
	for _, id := range v.lacking(ids) {
		asked[folded(id)] = id
	}
	if len(asked) == 0 {
		return nil
	}
	for _, d := range rows {
		if id, found := asked[folded(d.ID)]; found && !ids.Contains(d.ID) {
			record(v.spelled, id, d.Version)
		}
	}
	return v.lacking(ids)
}

// record records a version. A row without a version does not replace one with a version.
func record(versions map[string]string, id, version string) {
	if version = strings.TrimSpace(version); version != "" || versions[id] == "" {
		versions[id] = version
	}
}

// NullCandidatesError says that the platform sends null instead of the list of devices that may be upgraded.
type NullCandidatesError struct{ ProductID int64 }

func (e *NullCandidatesError) Error() string {
	return fmt.Sprintf("the platform sends null instead of the list of the devices of product %d that may be upgraded", e.ProductID)
}

// versionsOf reads the versions of devices that may join a task. group is the device group that they belong to, "" if
// they are of no group. cancelled are devices that the task has; the platform may not offer them for an upgrade.
func (r *Runner) versionsOf(ctx context.Context, key aep.TaskKey, ids, cancelled deviceset.Set, group string) (deviceVersions, error) {
	search := r.searchCandidates(key.ProductID)
	rest := ids
	if group != "" && len(ids) > 1 {
		ofGroup := search
		ofGroup.query.GroupID = group
		list, err := ofGroup.list(ctx, 1+ofGroup.calls(len(ids)))
		if err != nil {
			return search.found, err
		}
		rest = search.found.add(ids, list.Rows)
	}
	if err := search.find(ctx, rest); err != nil {
		return search.found, err
	}
	ofTask := search
	ofTask.query = aep.DeviceQuery{Key: key, Scope: aep.Joined}
	if err := ofTask.find(ctx, search.found.lacking(ids.Intersection(cancelled))); err != nil {
		return search.found, err
	}
	return search.found, search.complete(ctx, ids)
}

// deviceSearch finds devices on a list of the platform, each by its id or by reading the list, whichever takes fewer
// calls.
type deviceSearch struct {
	*Runner
	query aep.DeviceQuery
	found deviceVersions
	// service is true if the service for devices may be asked too. An application may not have subscribed to it.
	service bool
}

// searchCandidates returns the search of devices of a product that may be upgraded.
func (r *Runner) searchCandidates(productID int64) deviceSearch {
	return deviceSearch{
		Runner: r, query: aep.DeviceQuery{Key: aep.TaskKey{ProductID: productID}, Scope: aep.Candidates},
		found: newDeviceVersions(), service: !r.noDeviceService.Load(),
	}
}

// calls returns how many calls find n devices without the list.
func (s deviceSearch) calls(n int) int {
	if s.service && s.query.Scope == aep.Candidates {
		return calls(n, devicesPerCall)
	}
	return n
}

// find looks ids up. It begins with the first page of the list, which shows how long the list is.
func (s deviceSearch) find(ctx context.Context, ids deviceset.Set) error {
	if len(ids) <= 1 {
		return s.lookUpEach(ctx, ids)
	}
	list, err := s.list(ctx, 1+s.calls(len(ids)))
	if err != nil {
		return err
	}
	rest := s.found.add(ids, list.Rows)
	switch {
	case !list.Truncated || len(rest) == 0:
		return nil
	case s.calls(len(rest)) == len(rest):
		return s.lookUpEach(ctx, rest)
	}
	known, err := s.ask(ctx, rest)
	if err != nil {
		return err
	}
	rest = s.found.add(rest, known)
	if s.service = false; s.lookUp(len(rest), list.Total) {
		return s.lookUpEach(ctx, rest)
	}
	return s.find(ctx, rest)
}

// complete asks the service for devices about the devices whose version is still not known: a list may have devices
// without their versions. A device that only the service knows has an entry too.
func (s deviceSearch) complete(ctx context.Context, ids deviceset.Set) error {
	var open deviceset.Set
	for _, id := range ids {
		_, asked := s.found.asked[id]
		if version, _ := s.found.of(id); version == "" && !asked {
			open = append(open, id)
		}
	}
	known, err := s.ask(ctx, open)
	if err != nil {
		return err
	}
	s.found.add(ids, known)
	for _, id := range s.found.lacking(ids) {
		if s.found.asked[id] {
			s.found.exact[id] = ""
		}
	}
	return nil
}

// list reads the list if it has at most this many pages, otherwise its first page. Concurrent readers share it.
func (s deviceSearch) list(ctx context.Context, maxPages int) (aep.Listing[aep.DeviceVersion], error) {
	enough := func(list aep.Listing[aep.DeviceVersion]) bool {
		return !list.Truncated || s.pages(list.Total) > int64(maxPages)
	}
	list, err := s.versions.GetIf(ctx, s.query, enough, func(ctx context.Context) (aep.Listing[aep.DeviceVersion], error) {
		return s.client.DeviceVersions(ctx, s.query, maxPages)
	})
	if err == nil && s.query.GroupID == "" && s.query.Scope == aep.Candidates && len(list.Rows) == 0 && !list.Stated {
		err = &NullCandidatesError{ProductID: s.query.Key.ProductID}
	}
	return list, err
}

// lookUpEach looks each of ids up. If one is not found, it makes sure that the platform serves the list at all.
func (s deviceSearch) lookUpEach(ctx context.Context, ids deviceset.Set) error {
	var null atomic.Bool
	rows, err := lookUpAll(ctx, s.client.Concurrency(), ids, func(ctx context.Context, id string) ([]aep.DeviceVersion, error) {
		one := s.query
		one.DeviceID = id
		list, err := s.client.DeviceVersion(ctx, one)
		if len(list.Rows) == 0 && !list.Stated {
			null.Store(true)
		}
		return list.Rows, err
	})
	if err != nil {
		return err
	}
	s.found.add(ids, rows)
	if null.Load() {
		_, err = s.list(ctx, 1)
	}
	return err
}

// devicesPerCall is how many devices a call of the service for devices asks for.
const devicesPerCall = 100

// ask asks the service for devices, and returns those with a version. A list may have the versions of the others. If the
// service refuses or fails, it is not asked again in this run, and the error is nil unless ctx has ended.
func (s deviceSearch) ask(ctx context.Context, ids deviceset.Set) ([]aep.DeviceVersion, error) {
	if len(ids) == 0 || s.noDeviceService.Load() {
		return nil, nil
	}
	known, err := s.byID(ctx, ids)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		s.noDeviceService.Store(true)
		s.log(ctx, "could not read devices by their ids, so the list of devices is read",
			map[string]any{"product_id": s.query.Key.ProductID, "failure": err.Error()})
	}
	return known, nil
}

// byID is ask without its treatment of errors. With an error, it returns the devices of the calls before.
func (s deviceSearch) byID(ctx context.Context, ids deviceset.Set) (known []aep.DeviceVersion, err error) {
	batches := slices.Collect(slices.Chunk(ids, devicesPerCall))
	for _, part := range [][]deviceset.Set{batches[:1], batches[1:]} { // the first call shows whether the service responds
		found, err := sideBySide(ctx, s.client.Concurrency(), part, func(ctx context.Context, batch deviceset.Set) ([]aep.ProductDevice, error) {
			return s.client.DevicesByID(ctx, s.query.Key.ProductID, batch)
		})
		if err != nil {
			return known, err
		}
		for _, id := range slices.Concat(part...) {
			s.found.asked[id] = false
		}
		for _, d := range slices.Concat(found...) {
			s.found.asked[d.ID] = true
			if strings.TrimSpace(d.FirmwareVersion) != "" {
				known = append(known, aep.DeviceVersion{ID: d.ID, Version: d.FirmwareVersion})
			}
		}
	}
	return known, nil
}

// NotCandidates returns the ids that the platform does not offer for a task of the product.
func (r *Runner) NotCandidates(ctx context.Context, key aep.TaskKey, ids deviceset.Set) (deviceset.Set, error) {
	search := r.searchCandidates(key.ProductID)
	search.service = false // it also knows devices that are not offered
	err := search.find(ctx, ids)
	return ids.Minus(slices.Sorted(maps.Keys(search.found.exact))), err
}
