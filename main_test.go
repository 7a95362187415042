package main

import (
	"testing"
)

func TestQuietFramework(t *testing.T) {
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
			quietFramework(c.environ, func(key, value string) error {
				set[key] = value
				return nil
			})
			if c.silent && (len(set) != 1 || set["TF_LOG_SDK_FRAMEWORK"] != "off") {
				t.Errorf("set %v, want the framework's log off and nothing else", set)
			}
			if !c.silent && len(set) != 0 {
				t.Errorf("set %v although somebody asked for a log", set)
			}
		})
	}
}
