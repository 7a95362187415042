package catalog

import (
	"context"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

// Products lists the products that a search of the platform finds and keep accepts, at most limit of them (0:
// all). An empty text finds all. A nil keep accepts all.
func (c *Catalog) Products(ctx context.Context, text string, keep func(aep.Product) bool, limit int) (aep.Listing[aep.Product], error) {
	if keep == nil {
		return c.products.first(ctx, text, limit)
	}
	return c.products.kept(ctx, text, limit, false, keep)
}

// Product returns the product with an id.
func (c *Catalog) Product(ctx context.Context, id int64) (aep.Product, error) {
	p, err := c.client.Product(ctx, id)
	if aep.MaybeGone(err) {
		return c.listedProduct(ctx, id, err)
	}
	return p, err
}

// ProductKey returns the MasterKey of a product.
func (c *Catalog) ProductKey(ctx context.Context, id int64) (string, error) {
	key, err := c.client.ProductKey(ctx, id)
	if aep.MaybeGone(err) {
		if _, missing := c.listedProduct(ctx, id, err); missing != nil {
			return "", missing
		}
	}
	return key, err
}

// listedProduct returns a product from the list. It decides after a refusal that may mean that there is no such
// product.
func (c *Catalog) listedProduct(ctx context.Context, id int64, refusal error) (aep.Product, error) {
	s := productSearch(ByID, idText(id))
	s.refusal = refusal
	return s.find(ctx, nil, c.products.reader("", 0))
}

// ProductNamed returns the only product with a name.
func (c *Catalog) ProductNamed(ctx context.Context, name string) (aep.Product, error) {
	return productSearch(ByName, name).find(ctx, c.products.reader("", candidateRows), c.products.reader(name, 0))
}

func productSearch(by, value string) search[aep.Product] {
	return search[aep.Product]{
		kind: KindProduct, by: by, value: value,
		describe: func(p aep.Product) Candidate { return Candidate{ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt} },
	}
}
