package campaign

// DeviceFailure is a device for which an operation has failed, and the reason.
type DeviceFailure struct {
	DeviceID string
	Code     string // the platform's, "" if it gave none
	Message  string
}
