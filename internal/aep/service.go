package aep

// service is a part of the platform's API. Its operations have a path and versions of their own.
type service struct {
	name    string // first segment of every path
	maxPage int    // rows of the largest page to ask for
}

var upgradeService = &service{"aep_upgrade_management", MaxPageSize}

// The services for look-ups. The document of the devices states a maximum of 100 rows, other documents of the
// platform state 100 or 40.
var (
	productService  = &service{"aep_product_management", usualPageSize}
	firmwareService = &service{"aep_firmware_management", usualPageSize}
	groupService    = &service{"aep_device_group_management", usualPageSize}
	deviceService   = &service{"aep_device_management", usualPageSize}
)

// usualPageSize is a page size that most platforms are expected to serve. The documented default of the
// upgrade API is 20.
const usualPageSize = 100

// lookUpName returns the name of a service for look-ups, "" for the upgrade API.
func (s *service) lookUpName() string {
	if s == upgradeService {
		return ""
	}
	return s.name
}
