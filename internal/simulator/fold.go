package simulator

import "strings"

// fold returns the form in which device ids are compared.
func (p *Platform) fold(id string) string {
	if p.options.Quirks.FoldIDs {
		return strings.ToLower(id)
	}
	return id
}

func same(text string) string { return text }

// deviceByID returns the device with an id, or nil. An exact match precedes.
func (p *Platform) deviceByID(o *product, id string) *device {
	if d := o.byID[id]; d != nil || !p.options.Quirks.FoldIDs {
		return d
	}
	if o.folded == nil {
		o.folded = make(map[string]*device, len(o.devices))
		for _, d := range o.devices {
			if key := p.fold(d.id); o.folded[key] == nil {
				o.folded[key] = d
			}
		}
	}
	return o.folded[p.fold(id)]
}

// refusesTaskZero tells whether a list is asked for no task at all, and
// Quirks.StrictTaskID has an answer of its own to that.
func (p *Platform) refusesTaskZero(c *call) bool {
	id := c.query.Get("id")
	return p.options.Quirks.StrictTaskID && (id == "" || id == "0")
}
