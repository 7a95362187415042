package aep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	queryProduct     = looksUp(productService, false, "QueryProduct", "/product", "20181031202055", "productId")
	queryProductList = looksUp(productService, false, "QueryProductList", "/products", "20190507004824",
		"searchValue", "pageNow", "pageSize")
)

// Product is a product. Its apiKey is left out: it is the MasterKey, and only ProductKey returns it.
type Product struct {
	ID                int64
	Name              string
	TenantID          string
	Description       string
	Protocol          Protocol // 0 if the platform gave none
	PowerModel        int64    // 1 PSM, 2 DRX, 3 eDRX; 0 if the platform gave none
	DeviceCount       *int64   // nil if the platform gave none
	OnlineDeviceCount *int64   // nil if the platform gave none
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

type wireProduct struct {
	ProductID         integer  `json:"productId"`
	ProductName       text     `json:"productName"`
	TenantID          text     `json:"tenantId"`
	ProductDesc       text     `json:"productDesc"`
	ProductProtocol   integer  `json:"productProtocol"`
	PowerModel        integer  `json:"powerModel"`
	DeviceCount       integer  `json:"deviceCount"`
	OnlineDeviceCount integer  `json:"onlineDeviceCount"`
	CreateTime        wireTime `json:"createTime"`
	UpdateTime        wireTime `json:"updateTime"`
}

func (w *wireProduct) product() (Product, error) {
	if w.ProductID.value <= 0 {
		return Product{}, errors.New("a product in it has no productId")
	}
	return Product{
		ID: w.ProductID.value, Name: string(w.ProductName), TenantID: string(w.TenantID), Description: string(w.ProductDesc),
		Protocol: Protocol(w.ProductProtocol.value), PowerModel: w.PowerModel.value,
		DeviceCount: w.DeviceCount.pointer(), OnlineDeviceCount: w.OnlineDeviceCount.pointer(),
		CreatedAt: w.CreateTime.Time, UpdatedAt: w.UpdateTime.Time,
	}, nil
}

// Product reads one product. See [IsProductMissing].
//
// API: QueryProduct, GET /product of aep_product_management.
func (c *Client) Product(ctx context.Context, productID int64) (Product, error) {
	return call(ctx, c, productMessage(productID), func(w *wireProduct) (Product, error) {
		if w == nil || w.ProductID.value <= 0 {
			return Product{}, errEmpty
		}
		if err := w.ProductID.describes("product", productID); err != nil {
			return Product{}, err
		}
		return w.product()
	})
}

type wireProductKey struct {
	ProductID integer `json:"productId"`
	APIKey    text    `json:"apiKey"`
}

// ProductKey reads the MasterKey of a product. No later error or Attempt of the client contains it. A product
// without a key is an error.
//
// API: QueryProduct, GET /product of aep_product_management.
func (c *Client) ProductKey(ctx context.Context, productID int64) (string, error) {
	m := productMessage(productID)
	key, err := call(ctx, c, m, func(w *wireProductKey) (string, error) {
		if w == nil || w.ProductID.value <= 0 {
			return "", errEmpty
		}
		return string(w.APIKey), w.ProductID.describes("product", productID)
	})
	if err != nil {
		return "", err
	}
	c.sanitizer.add(strings.TrimSpace(key))
	if problem := credentialProblem(key, true); problem != "" {
		return "", m.fail(kindInvalid, errors.New("the product's apiKey, which is its MasterKey, "+problem))
	}
	return key, nil
}

func productMessage(productID int64) message {
	return message{endpoint: queryProduct, productID: productID, query: map[string]string{"productId": decimal(productID)}}
}

// Products lists the products of the account, at most limit of them (0: all). search is a product id or a
// name, "" for all. The platform may also list products that it only resembles.
//
// API: QueryProductList, GET /products of aep_product_management.
func (c *Client) Products(ctx context.Context, search string, limit int) (Listing[Product], error) {
	m := message{endpoint: queryProductList, query: make(map[string]string)}
	setIfAny(m.query, "searchValue", search)
	list := source[Product, int64]{
		pages: newPages(c, "products", m, (*wireProduct).product),
		key:   func(p Product) int64 { return p.ID },
	}
	return list.scan(ctx, limit)
}

// describes returns an error if the id in a result is not the one of the call.
func (n integer) describes(object string, id int64) error {
	if n.set && n.value != id {
		return fmt.Errorf("it describes %s %d", object, n.value)
	}
	return nil
}
