package simulator

// LookUps are the switches of the services beside UpgradeService. The zero
// value follows their documents. Where these are silent, it is the choice
// that asks most of a client. Every combination is a possible platform.
type LookUps struct {
	// Unsubscribed has the services that the application has not subscribed
	// to, with the refusal of the gateway. UpgradeService can be among them.
	Unsubscribed map[string]Unsubscribed

	// Paging has the switches of all lists, and ListPaging those of a list by
	// its operation, instead of Paging. API: pageSize of OpProductDevices is
	// at most 100. More is refused, unless its MaxPageSize is at most 100.
	Paging     Paging
	ListPaging map[string]Paging
	// None chooses the response of a list without rows.
	None NoneFound

	// ExactProducts, ExactFirmware, ExactGroups and ExactDevices make a search
	// find only equal texts. Otherwise it also finds texts that contain it.
	ExactProducts, ExactFirmware, ExactGroups, ExactDevices bool

	// HideUnapproved leaves unapproved firmware out of the list.
	HideUnapproved bool
	// HideVersions selects devices whose rows have no firmwareVersion.
	HideVersions func(deviceID string) bool
	// MissingVersion is the firmwareVersion of a row that has none.
	MissingVersion MissingVersion

	// MaxIDs is the highest number of ids in OpDevicesByID. Zero means no
	// limit. TooManyIDs chooses the effect of more. TooManyIDsReported refuses
	// them.
	MaxIDs     int
	TooManyIDs TooManyIDs

	// NoOnlineCount leaves onlineDeviceCount out of the list of products.
	NoOnlineCount bool
	// MissingProduct, MissingFirmware and MissingDevice choose the response to
	// a read of something that does not exist.
	MissingProduct, MissingFirmware, MissingDevice Missing

	// ProductShowsSeveral lists the groups over several products also for the
	// productId of one of them. Otherwise only without productId.
	ProductShowsSeveral bool
	// ProductSelectsMembers returns only the devices of productId in a group
	// over several products. Otherwise productId has no effect on it.
	ProductSelectsMembers bool
	// OldMemberRows leaves the product out of the devices of a group.
	OldMemberRows bool

	// NumbersAsText shows numbers as texts, and EmptyForNull shows null as "".
	NumbersAsText, EmptyForNull bool
	// AcceptUndeclaredKey accepts the header MasterKey on an operation that
	// does not declare it. The signature never covers it.
	AcceptUndeclaredKey bool
}

// Unsubscribed is the refusal of an application without a subscription.
type Unsubscribed int

// The refusals of an application without a subscription.
const (
	Unsubscribed403 Unsubscribed = iota
	Unsubscribed401
	Unsubscribed404
	Unsubscribed400
	// UnsubscribedBusiness is HTTP 200 with CodeUnsubscribed.
	UnsubscribedBusiness
)

// NoneFound is the response of a list without rows.
type NoneFound int

// The responses of a list without rows. Paging.NullList changes the page.
const (
	// NoneDocumented is result null for OpGroupList and OpGroupDevices, and a
	// page without rows for the others.
	NoneDocumented NoneFound = iota
	// NonePage is a page without rows.
	NonePage
	// NoneNull is code 0 with result null.
	NoneNull
)

// MissingVersion is the firmwareVersion of a device without a version.
type MissingVersion int

// The ways to show that a device has no version.
const (
	// VersionDocumented is null for LwM2M and "" for the others.
	VersionDocumented MissingVersion = iota
	VersionEmpty
	VersionNull
)
