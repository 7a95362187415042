package main

import (
	"maps"
	"testing"
)

func TestDisableLogs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		environ []string
		silent  bool
	}{
		"nothing is set":               {nil, true},
		"only other variables":         {[]string{"HOME=/root", "TF_CLI_CONFIG_FILE=x", "MY_TF_LOG=TRACE"}, true},
		"TF_LOG=TRACE":                 {[]string{"HOME=/root", "TF_LOG=TRACE"}, false},
		"TF_LOG_PROVIDER=DEBUG":        {[]string{"TF_LOG_PROVIDER=DEBUG"}, false},
		"TF_LOG_SDK_FRAMEWORK chosen":  {[]string{"TF_LOG_SDK_FRAMEWORK=INFO"}, false},
		"a log file and nothing else":  {[]string{"TF_LOG_PATH=terraform.log"}, false},
		"a level for the SDK's protos": {[]string{"TF_LOG_SDK_PROTO=WARN"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := map[string]string{}
			disableLogs(c.environ, func(key, value string) error {
				set[key] = value
				return nil
			})
			want := map[string]string{}
			if c.silent {
				want = map[string]string{"TF_LOG_PROVIDER_AEP": "off", "TF_LOG_SDK": "off", "TF_LOG_SDK_FRAMEWORK": "off", "TF_LOG_SDK_PROTO": "off"}
			}
			if !maps.Equal(set, want) {
				t.Errorf("set %v, want %v", set, want)
			}
		})
	}
}
