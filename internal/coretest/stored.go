package coretest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Stored is an object as a state file holds it.
type Stored struct {
	Address         string          `json:"address"`
	SchemaVersion   int64           `json:"schema_version"`
	Attributes      json.RawMessage `json:"attributes"`
	Private         []byte          `json:"private"` // base64 in JSON
	IdentityVersion int64           `json:"identity_schema_version"`
	Identity        json.RawMessage `json:"identity"`
	Needs           []string        `json:"dependencies,omitempty"`
}

// Store returns an object of the state as Terraform writes it.
func (w *Workspace) Store(address string) Stored {
	w.T.Helper()
	i, c := w.At(address).Instance, w.Core
	identity := c.identities.IdentitySchemas[i.TypeName]
	return Stored{
		Address: address, SchemaVersion: c.Schema(i.TypeName).Version, Attributes: c.json(i.Value), Private: i.Private,
		IdentityVersion: identity.Version, Identity: c.json(c.Unpack(i.identity.IdentityData, identity.ValueType())), Needs: i.needs,
	}
}

// Load puts an object into the state, as Terraform does when it reads a state file. The provider upgrades the
// attributes to its schema.
func (w *Workspace) Load(s Stored) {
	w.T.Helper()
	c, i := w.Core, w.At(s.Address).Instance
	upgraded, err := c.Server.UpgradeResourceState(w.Ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: i.TypeName, Version: s.SchemaVersion, RawState: &tfprotov6.RawState{JSON: s.Attributes},
	})
	c.Must(err)
	c.NoErrors(upgraded.Diagnostics)
	i.Value, i.Private = c.Unpack(upgraded.UpgradedState, c.Schema(i.TypeName).ValueType()), s.Private
	i.identity, i.needs = c.loadIdentity(w.Ctx, i.TypeName, s), s.Needs
}

// loadIdentity returns the identity of a stored object. Terraform asks for an upgrade only if the version differs.
func (c *Core) loadIdentity(ctx context.Context, typeName string, s Stored) *tfprotov6.ResourceIdentityData {
	c.T.Helper()
	raw, schema := &tfprotov6.RawState{JSON: s.Identity}, c.identities.IdentitySchemas[typeName]
	if s.IdentityVersion == schema.Version {
		value, err := raw.Unmarshal(schema.ValueType())
		c.Must(err)
		return &tfprotov6.ResourceIdentityData{IdentityData: c.Pack(value)}
	}
	upgraded, err := c.Server.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{
		TypeName: typeName, Version: s.IdentityVersion, RawIdentity: raw,
	})
	c.Must(err)
	c.NoErrors(upgraded.Diagnostics)
	return upgraded.UpgradedIdentity
}

// json returns a known value as a state file holds it.
func (c *Core) json(value tftypes.Value) json.RawMessage {
	c.T.Helper()
	plain, err := plainOf(value)
	c.Must(err)
	text, err := json.Marshal(plain)
	c.Must(err)
	return text
}

// plainOf returns a value in the types of encoding/json.
func plainOf(value tftypes.Value) (plain any, err error) {
	typ := value.Type()
	switch {
	case value.IsNull():
		return nil, nil //nolint:nilnil // null is a value.
	case typ.Is(tftypes.String):
		var text string
		err = value.As(&text)
		return text, err
	case typ.Is(tftypes.Number):
		var number big.Float
		err = value.As(&number)
		return json.Number(number.Text('f', -1)), err
	case typ.Is(tftypes.Bool):
		var flag bool
		err = value.As(&flag)
		return flag, err
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		return plainMembers(value)
	}
	var elements []tftypes.Value
	if err := value.As(&elements); err != nil {
		return nil, err
	}
	all := make([]any, len(elements))
	for n, element := range elements {
		if all[n], err = plainOf(element); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// plainMembers returns an object or a map in the types of encoding/json.
func plainMembers(value tftypes.Value) (any, error) {
	var members map[string]tftypes.Value
	if err := value.As(&members); err != nil {
		return nil, err
	}
	all := make(map[string]any, len(members))
	for name, member := range members {
		plain, err := plainOf(member)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = plain
	}
	return all, nil
}
