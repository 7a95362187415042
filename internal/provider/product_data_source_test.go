package provider_test

import (
	"fmt"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/coretest"
	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// cfg is the configuration of a look-up, and sent the number of its requests by path.
type (
	cfg  = coretest.Config
	sent = map[string]int
)

// lookUpReader returns a reader of data sources with the master keys of both products.
func lookUpReader(t testing.TB, change ...func(*simulator.Options)) *coretest.DataReader {
	t.Helper()
	p := coretest.NewPlatform(t, append([]func(*simulator.Options){
		func(o *simulator.Options) { o.RequireMasterKey = true },
	}, change...)...)
	return coretest.NewDataReader(t, p, cfg{"retry_budget": "0s", "master_keys": cfg{
		fmt.Sprint(coretest.LwM2MProduct): simulator.LwM2MMasterKey,
		fmt.Sprint(coretest.TLinkProduct): simulator.TLinkMasterKey,
	}})
}

// withProducts adds products to the two of every platform.
func withProducts(names ...string) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for i, name := range names {
			o.Products = append(o.Products, simulator.ProductSeed{ID: int64(20000001 + i), Name: name, Protocol: 2, MasterKey: "other key"})
		}
	}
}

// wantSaid fails the test for each text that is missing in diagnostics.
func wantSaid(t testing.TB, said string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !coretest.Says(said, text) {
			t.Errorf("%q is missing in:\n%s", text, said)
		}
	}
}

func TestProductDataSource(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		requests  map[string]int
	}{
		"by id":           {cfg{"product_id": coretest.LwM2MProduct}, nil, sent{"/product": 1}},
		"by name":         {cfg{"name": "Water meters"}, nil, sent{"/products": 1}},
		"by exact search": {cfg{"name": "Water meters"}, func(o *simulator.Options) { o.LookUps.ExactProducts = true }, sent{"/products": 1}},
		"among names that contain it": {
			cfg{"name": "Water meters"}, withProducts("Water meters, old", "New Water meters", "water meters"), sent{"/products": 1},
		},
		"in pages of one row": {
			cfg{"name": "Water meters"}, func(o *simulator.Options) {
				withProducts("Water meters, old", "New Water meters")(o)
				o.LookUps.Paging.MaxPageSize = 1
			}, sent{"/products": 3},
		},
		"of numbers as text": {
			cfg{"product_id": coretest.LwM2MProduct}, func(o *simulator.Options) {
				o.LookUps.NumbersAsText, o.LookUps.EmptyForNull = true, true
			}, sent{"/product": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := one.change
			if change == nil {
				change = func(*simulator.Options) {}
			}
			r := lookUpReader(t, change)
			state := r.MustRead("aep_product", one.arguments)
			coretest.WantMembers(t, state, cfg{
				"product_id": coretest.LwM2MProduct, "name": "Water meters", "protocol": "lwm2m", "description": "Water meters over NB-IoT",
				"device_count": 100, "online_device_count": 90, "power_model": "drx", "created_at": "2019-05-16T15:28:23+08:00",
			})
			for _, attribute := range []string{"tenant_id", "updated_at"} {
				if state[attribute] == nil {
					t.Errorf("%s is null", attribute)
				}
			}
			r.WantRequests(one.requests)
		})
	}
}

// A name that is not unique, or that no product has, is an error with candidates.
func TestProductThatIsNotFound(t *testing.T) {
	t.Parallel()
	const other = "20000099"
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		texts     []string
		not       string
		requests  map[string]int
	}{
		"a part of a name": {
			cfg{"name": "meters"},
			nil,
			[]string{"Product not found", `10005977: "Water meters"`, `"name"`, "Set name to one of these"},
			"Street",
			sent{"/products": 1},
		},
		"other case": {
			cfg{"name": "street LAMPS"},
			withProducts("Anything"),
			[]string{"Product not found", "There are:\n\n  - 10005986: \"Street lamps\", created 2019-05-16T15:28:23+08:00\n  - 10005977"},
			other,
			sent{"/products": 2},
		},
		"no name at all, in exact search": {
			cfg{"name": "Water"},
			func(o *simulator.Options) { o.LookUps.ExactProducts = true },
			[]string{"Product not found", "There are:\n\n  - 10005977", "10005986"},
			other,
			sent{"/products": 2},
		},
		"null for no rows": {
			cfg{"name": "x"},
			func(o *simulator.Options) { o.LookUps.None = simulator.NoneNull },
			[]string{"Product not found", "10005977", "10005986"},
			other,
			sent{"/products": 3},
		},
		"no products": {
			cfg{"name": "x"},
			func(o *simulator.Options) { o.Products = []simulator.ProductSeed{} },
			[]string{"Product not found", "The platform lists no product at all"},
			other,
			sent{"/products": 2},
		},
		"an id": {
			cfg{"product_id": 42},
			nil,
			[]string{
				"Product not found", "Product 42 does not exist (QueryProduct of product 42: code 1002: 产品不存在)",
				"10005977", `"product_id"`, "Set product_id to one of these.",
			},
			other,
			sent{"/product": 1, "/products": 1},
		},
		"an id, with null": {
			cfg{"product_id": 42},
			func(o *simulator.Options) { o.LookUps.MissingProduct = simulator.MissingNull },
			[]string{"Product not found", "Product 42 does not exist", "10005977"},
			other,
			sent{"/product": 1, "/products": 1},
		},
		"twelve products of one name": {
			cfg{"name": "twin"},
			withProducts("twin", "twin", "twin", "twin", "twin", "twin", "twin", "twin", "twin", "twin", "twin", "twin"),
			[]string{"Product is not unique", `Product with name "twin": 12 match`, "20000001", "20000010", "Set product_id to one of these"},
			"20000011",
			sent{"/products": 1},
		},
		"twelve candidates": {
			cfg{"name": "none"},
			withProducts("a", "b", "c", "d", "e", "f", "g", "h", "None", "i"),
			[]string{"Product not found", "10 of 12, those most alike first:\n\n  - 20000009: \"None\"", "20000007"},
			"20000010",
			sent{"/products": 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := one.change
			if change == nil {
				change = func(*simulator.Options) {}
			}
			r := lookUpReader(t, change)
			_, said := r.Read("aep_product", one.arguments)
			wantSaid(t, said, one.texts...)
			if coretest.Says(said, one.not) {
				t.Errorf("%q in:\n%s", one.not, said)
			}
			r.WantRequests(one.requests)
		})
	}
}

// The list decides if the platform returns no product but has it.
func TestProductThatOnlyTheListHas(t *testing.T) {
	t.Parallel()
	r := lookUpReader(t)
	r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpProduct, Rewrite: func([]byte) []byte {
		return []byte(`{"code":0,"msg":"ok","result":null}`)
	}})
	state := r.MustRead("aep_product", cfg{"product_id": coretest.TLinkProduct})
	coretest.WantMembers(t, state, cfg{"name": "Street lamps", "protocol": "t_link", "power_model": "psm"})
	r.WantRequests(sent{"/product": 1, "/products": 1})
}

func TestProductsDataSource(t *testing.T) {
	t.Parallel()
	many := withProducts("a", "b", "c", "d", "e")
	for name, one := range map[string]struct {
		arguments cfg
		change    func(*simulator.Options)
		names     string
		total     int
		truncated bool
		requests  int
	}{
		"all":                {nil, many, "[Water meters Street lamps a b c d e]", 7, false, 1},
		"searched by name":   {cfg{"search": "meter"}, many, "[Water meters]", 1, false, 1},
		"searched by number": {cfg{"search": "2000000"}, many, "[a b c d e]", 5, false, 1},
		"one protocol":       {cfg{"protocol": "t_link"}, many, "[Street lamps]", 1, false, 1},
		"another protocol":   {cfg{"protocol": "other_2", "max_results": 2}, many, "[a b]", 5, true, 1},
		"a few":              {cfg{"max_results": 3}, many, "[Water meters Street lamps a]", 7, true, 1},
		"a few in pages of two rows": {
			cfg{"max_results": 3}, func(o *simulator.Options) {
				many(o)
				o.LookUps.Paging.MaxPageSize = 2
			}, "[Water meters Street lamps a]", 7, true, 2,
		},
		"a protocol in pages of two rows": {
			cfg{"protocol": "other_2", "max_results": 1}, func(o *simulator.Options) {
				many(o)
				o.LookUps.Paging.MaxPageSize = 2
			}, "[a]", 5, true, 4,
		},
		"none": {cfg{"search": "x"}, many, "[]", 0, false, 1},
		"null for none": {
			cfg{"search": "x"}, func(o *simulator.Options) { o.LookUps.None = simulator.NoneNull }, "[]", 0, false, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lookUpReader(t, one.change)
			state := r.MustRead("aep_products", one.arguments)
			coretest.WantMembers(t, state, cfg{"total": one.total, "truncated": one.truncated})
			if got := fmt.Sprint(coretest.Column(state, "products", "name")); got != one.names {
				t.Errorf("products %s, want %s", got, one.names)
			}
			r.WantRequests(sent{"/products": one.requests})
		})
	}
}

// A number of the platform without a name, or none, is shown as such.
func TestProductWithUndocumentedValues(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]cfg{
		`{"productId":42,"productName":"x","productProtocol":8,"powerModel":7}`: {"protocol": "other_8", "power_model": "other_7"},
		`{"productId":"42","productName":"x","productProtocol":"","powerModel":null,"deviceCount":"3"}`: {
			"protocol": nil, "power_model": nil, "device_count": 3, "online_device_count": nil, "description": nil, "created_at": nil,
		},
		`{"productId":42,"productName":"x","powerModel":3,"deviceCount":0}`: {"power_model": "edrx", "device_count": 0},
	} {
		r := lookUpReader(t)
		r.Platform.Inject(simulator.Fault{Kind: simulator.RewriteBody, Operation: simulator.OpProduct, Rewrite: func([]byte) []byte {
			return []byte(`{"code":0,"msg":"ok","result":` + body + `}`)
		}})
		coretest.WantMembers(t, r.MustRead("aep_product", cfg{"product_id": 42}), want)
	}
}
