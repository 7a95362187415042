package aep

import "fmt"

// Protocol is the access protocol of a product, as the platform numbers it.
type Protocol int64

// The protocols in the API document.
const (
	TLink Protocol = 1
	LwM2M Protocol = 3
)

// String returns "t_link", "lwm2m", or "protocol_<n>" for any other number.
func (p Protocol) String() string {
	switch p {
	case TLink:
		return "t_link"
	case LwM2M:
		return "lwm2m"
	default:
		return fmt.Sprintf("protocol_%d", int64(p))
	}
}

// ParseProtocol is the inverse of String for the two named protocols.
func ParseProtocol(name string) (Protocol, bool) {
	for _, p := range []Protocol{TLink, LwM2M} {
		if p.String() == name {
			return p, true
		}
	}
	return 0, false
}
