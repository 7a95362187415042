package catalog

import "github.com/ctwing/terraform-provider-aep/internal/aep"

// groupQuery is an aep.DeviceGroupQuery as a key.
type groupQuery struct {
	productID, id int64
	name          string
	anyLevel      bool
	level         aep.GroupLevel
}

func (q groupQuery) query() aep.DeviceGroupQuery {
	asked := aep.DeviceGroupQuery{ProductID: q.productID, ID: q.id, Name: q.name}
	if !q.anyLevel {
		asked.Level = &q.level
	}
	return asked
}

// groupKey identifies the devices of a product in a group.
type groupKey struct{ productID, groupID int64 }
