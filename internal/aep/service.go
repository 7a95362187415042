package aep

// service is a part of the platform's API. Its operations have a path and versions of their own.
type service struct {
	name    string // first segment of every path
	maxPage int    // rows of the largest page to ask for
	hasKeys bool   // its results contain MasterKeys, so no error quotes one
}

var upgradeService = &service{name: "aep_upgrade_management", maxPage: MaxPageSize}

// The services for look-ups. The document of the devices states a maximum of 100 rows, other documents of the
// platform state 100 or 40.
var (
	productService  = &service{name: "aep_product_management", maxPage: usualPageSize, hasKeys: true}
	firmwareService = &service{name: "aep_firmware_management", maxPage: usualPageSize}
	groupService    = &service{name: "aep_device_group_management", maxPage: usualPageSize}
	deviceService   = &service{name: "aep_device_management", maxPage: usualPageSize}
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
