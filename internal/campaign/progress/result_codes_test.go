package progress

import (
	"strconv"
	"testing"

	"github.com/ctwing/terraform-provider-aep/internal/aep"
)

func TestResultsInWords(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		protocol aep.Protocol
		code     string
		want     string
	}{
		{aep.LwM2M, "-1", "no result yet"},
		{aep.LwM2M, "0", "initial value, not updated yet"},
		{aep.LwM2M, "1", "firmware updated"},
		{aep.LwM2M, "5", "package failed its integrity check"},
		{aep.LwM2M, "8", "update failed"},
		{aep.LwM2M, "11", "update deferred"},
		{aep.LwM2M, "12", ""},
		{aep.LwM2M, "01", ""},
		{aep.LwM2M, "5000", ""},
		{aep.LwM2M, "", ""},
		{aep.TLink, "-1", "no result yet"},
		{aep.TLink, "1", ""},
		{aep.TLink, "5000", ""},
		{aep.Protocol(2), "1", ""},
	} {
		if got := ResultInWords(one.protocol, one.code); got != one.want {
			t.Errorf("%s, code %q: %q, want %q", one.protocol, one.code, got, one.want)
		}
	}
}

// The standard numbers the update results from 0 to 11, without a gap.
func TestResultsOfTheStandardAreComplete(t *testing.T) {
	t.Parallel()
	if len(LwM2MResults) != 12 {
		t.Errorf("%d results, want 12", len(LwM2MResults))
	}
	words := map[string]string{}
	for i, result := range LwM2MResults {
		if result.Code != strconv.Itoa(i) {
			t.Errorf("result %d has the code %s", i, result.Code)
		}
		if other := words[result.Words]; result.Words == "" || other != "" {
			t.Errorf("results %s and %q both mean %q", result.Code, other, result.Words)
		}
		words[result.Words] = result.Code
	}
}
