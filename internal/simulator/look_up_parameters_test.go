package simulator

import (
	"maps"
	"strings"
	"testing"
)

// TestLookUpParameters changes one parameter of an accepted request. An empty
// value removes it.
func TestLookUpParameters(t *testing.T) {
	t.Parallel()
	eachLookUp(t, Options{}, func(t *testing.T, _ *Platform, c *caller, op string) {
		for _, name := range documented(op).query {
			for _, value := range refusedValues[name] {
				params := maps.Clone(accepted[op])
				params[name] = value
				a := c.call(op, params, acceptedBody(op))
				wantEqual(t, "code with "+name+" "+value, a.Code, CodeParameter)
				wantEqual(t, "result with "+name+" "+value, string(a.Result), "null")
			}
			params := maps.Clone(accepted[op])
			delete(params, name)
			want := 0
			if strings.Contains(requiredBy[op], name) {
				want = CodeParameter
			}
			wantEqual(t, "code without "+name, c.call(op, params, acceptedBody(op)).Code, want)
		}
	})
}

// requiredBy has the required query parameters.
var requiredBy = map[string]string{
	OpFirmwareList: "productId", OpFirmware: "id productId", OpProduct: "productId", OpProductDevices: "productId",
	OpProductDevice: "deviceId productId", OpProductByIMEI: "imei", OpGroupList: "pageNow pageSize",
	oldGroupList: "productId pageNow pageSize", OpGroupDevices: "productId pageNow pageSize",
	OpGroupOfDevice: "productId deviceId",
}

// refusedValues has values of another type or out of range.
var refusedValues = map[string][]string{
	"productId": {"x", "0", "-1", "1.5", "010005977", "9223372036854775808"}, "id": {"x", "0"},
	"pageNow": {"x", "0"}, "pageSize": {"x", "0", "-1"}, "deviceGroupId": {"x", "0", "-1"}, "groupLevel": {"x", "2", "-1"},
}

func TestBodyOfDevicesByID(t *testing.T) {
	t.Parallel()
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		for body, code := range map[string]int{
			``:                       CodeParse,
			`[]`:                     CodeParse,
			`{"productId":10005977}`: CodeParameter,
			`{"deviceIdList":["a"]}`: CodeParameter,
			`{"productId":"10005977","deviceIdList":["a"]}`:            CodeParameter,
			`{"productId":10005977,"deviceIdList":"a"}`:                CodeParameter,
			`{"productId":10005977,"deviceIdList":[]}`:                 CodeParameter,
			`{"productId":10005977,"deviceIdList":[1]}`:                CodeParameter,
			`{"productId":10005977,"deviceIdList":[null]}`:             CodeParameter,
			`{"productId":10005977,"deviceIdList":null}`:               CodeParameter,
			`{"productId":10005977,"deviceIdList":["a"],"pageSize":1}`: CodeParameter,
			`{"productId":1,"deviceIdList":["a"]}`:                     CodeProductMissing,
		} {
			c.meters().refused(code, OpDevicesByID, nil, body)
		}
		wantEqual(t, "result of ids that do not exist", string(c.ok(OpDevicesByID, nil, idBody(LwM2MProduct, "a", "b")).Result), "[]")
	})
	inBubble(t, Options{}, func(t *testing.T, _ *Platform, c *caller) {
		c.meters().refused(CodeParse, OpFirmware, accepted[OpFirmware], "{}")
	})
}

// TestMissingObjects reads a product, a firmware and a device that do not
// exist.
func TestMissingObjects(t *testing.T) {
	t.Parallel()
	for way, want := range map[Missing]string{MissingError: "null", MissingNull: "null", MissingEmptyObject: "{}", MissingEmptyText: `""`} {
		options := Options{LookUps: LookUps{MissingProduct: way, MissingFirmware: way, MissingDevice: way}}
		inBubble(t, options, func(t *testing.T, _ *Platform, c *caller) {
			for _, tc := range []struct {
				op     string
				code   int
				params map[string]string
			}{
				{OpProduct, CodeProductMissing, pairs("productId", "1")},
				{OpFirmware, CodeFirmwareMissing, pairs("productId", "10005977", "id", "9")},
				{OpFirmware, CodeFirmwareMissing, pairs("productId", "10005977", "id", "3275")},
				{OpProductDevice, CodeDevice, pairs("productId", "10005977", "deviceId", "100059860000001")},
				{OpGroupOfDevice, CodeDevice, pairs("productId", "10005977", "deviceId", "100059860000001")},
				{OpProductByIMEI, CodeDevice, pairs("imei", "86")},
			} {
				if way != MissingError {
					tc.code = 0
				}
				a := c.meters().call(tc.op, tc.params, "")
				wantEqual(t, tc.op+": code", a.Code, tc.code)
				wantEqual(t, tc.op+": result", string(a.Result), want)
			}
		})
	}
	eachLookUp(t, Options{LookUps: LookUps{MissingProduct: MissingNull}}, func(t *testing.T, _ *Platform, c *caller, op string) {
		params := maps.Clone(accepted[op])
		if params["productId"] != "" && op != OpProduct {
			params["productId"] = "1"
			c.refused(CodeProductMissing, op, params, "")
		}
	})
}
