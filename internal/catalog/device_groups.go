package catalog

import (
	"context"
	"slices"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// DeviceGroup returns the group with an id. It has devices of this product only, or of several products.
func (c *Catalog) DeviceGroup(ctx context.Context, productID, id int64) (aep.DeviceGroup, error) {
	return groupSearch(productID, ByID, idText(id)).find(ctx, c.candidateGroups(productID),
		c.groups.reader(groupQuery{id: id, anyLevel: true}, 0))
}

// DeviceGroupNamed returns the only group with a name. A group of several products counts if the product has
// none of that name: the list of a product may leave it out.
func (c *Catalog) DeviceGroupNamed(ctx context.Context, productID int64, name string) (aep.DeviceGroup, error) {
	return groupSearch(productID, ByName, name).find(ctx, c.candidateGroups(productID),
		c.groups.reader(groupQuery{productID: productID, name: name, anyLevel: true}, 0),
		c.groups.reader(groupQuery{name: name, level: aep.GroupOfProducts}, 0))
}

// candidateGroups returns a reader of the groups of a product, and of those over several products, which the list of a
// product may leave out.
func (c *Catalog) candidateGroups(productID int64) reader[aep.DeviceGroup] {
	return func(ctx context.Context) (aep.Listing[aep.DeviceGroup], error) {
		all, err := c.groups.first(ctx, groupQuery{productID: productID, anyLevel: true}, candidateRows)
		if err != nil {
			return all, err
		}
		shared, err := c.groups.first(ctx, groupQuery{level: aep.GroupOfProducts}, candidateRows)
		further := filtered(shared.Rows, func(g aep.DeviceGroup) bool {
			return !slices.ContainsFunc(all.Rows, func(listed aep.DeviceGroup) bool { return listed.ID == g.ID })
		})
		all.Total += shared.Total - int64(len(shared.Rows)-len(further))
		all.Rows = slices.Concat(all.Rows, further)
		return all, err
	}
}

// DeviceGroups lists groups, at most limit of them (0: all). A productID of 0 means all products, a nil level any
// level.
func (c *Catalog) DeviceGroups(ctx context.Context, productID int64, level *aep.GroupLevel, limit int,
) (aep.Listing[aep.DeviceGroup], error) {
	q := groupQuery{productID: productID, anyLevel: level == nil}
	if level != nil {
		q.level = *level
	}
	return c.groups.kept(ctx, q, limit, true, func(g aep.DeviceGroup) bool {
		return (productID == 0 || ofProduct(g.ProductID, productID)) && (level == nil || g.Level == *level)
	})
}

// GroupDevices lists the devices of a product in a group. A group over several products whose devices are listed
// without their products is an *UnknownProductError.
func (c *Catalog) GroupDevices(ctx context.Context, productID int64, group aep.DeviceGroup) (aep.Listing[aep.GroupDevice], error) {
	list, err := c.members.first(ctx, groupKey{productID, group.ID}, 0)
	if err != nil {
		return list, err
	}
	without := filtered(list.Rows, func(d aep.GroupDevice) bool { return d.ProductID == 0 })
	if (group.Level == aep.GroupOfProducts || group.ProductID == 0) && len(without) > 0 {
		return aep.Listing[aep.GroupDevice]{}, &UnknownProductError{GroupID: group.ID, ProductID: productID, Devices: len(without)}
	}
	list.Rows = filtered(list.Rows, func(d aep.GroupDevice) bool { return ofProduct(d.ProductID, productID) })
	list.Total = int64(len(list.Rows))
	return list, nil
}

func groupSearch(productID int64, by, value string) search[aep.DeviceGroup] {
	return search[aep.DeviceGroup]{
		kind: KindGroup, productID: productID, by: by, value: value,
		describe: func(g aep.DeviceGroup) Candidate { return Candidate{ID: g.ID, Name: g.Name, CreatedAt: g.CreatedAt} },
		product:  func(g aep.DeviceGroup) int64 { return g.ProductID },
	}
}
