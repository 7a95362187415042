package progress

import "github.com/ctwing/terraform-provider-aep/internal/aep"

// NoResult is the result code of a subtask without a result. The examples of the API suggest it; no document
// says it.
const NoResult = "-1"

// noResultInWords is the meaning of NoResult.
const noResultInWords = "no result yet"

// Result is a result code with its meaning.
type Result struct{ Code, Words string }

// LwM2MResults lists the update results of the LwM2M standard: object 5, resource 5. The codes 10 and 11 came
// with version 1.1. The platform does not document that its result codes are these.
var LwM2MResults = []Result{
	{"0", "initial value, not updated yet"},
	{"1", "firmware updated"},
	{"2", "not enough flash memory for the package"},
	{"3", "out of memory during the download"},
	{"4", "connection lost during the download"},
	{"5", "package failed its integrity check"},
	{"6", "unsupported type of package"},
	{"7", "invalid download address"},
	{"8", "update failed"},
	{"9", "unsupported download protocol"},
	{"10", "update cancelled"},
	{"11", "update deferred"},
}

// ResultInWords returns the meaning of a result code, "" if none is known. The meanings for LwM2M are those
// of the standard. T-Link has none but that of NoResult.
func ResultInWords(protocol aep.Protocol, code string) string {
	if code == NoResult {
		return noResultInWords
	}
	if protocol != aep.LwM2M {
		return ""
	}
	for _, result := range LwM2MResults {
		if result.Code == code {
			return result.Words
		}
	}
	return ""
}
