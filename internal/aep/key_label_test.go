package aep

import (
	"strings"
	"testing"
)

// What the label of a key is joined to is removed, in every notation and also where the text is cut. The client does
// not know these keys. The mark | shows the end of the label.
func TestSanitizeRemovesTheValuesOfKeyLabels(t *testing.T) {
	t.Parallel()
	for _, marked := range []string{
		// JSON
		`{"apiKey|":"qwerty","x":1}`,
		`{"apiKey|" : "qwerty a&b,<c","x":1}`,
		`{"apiKey|":"qwer`,
		`{"apiKey|":"\"qwerty","x":1}`,
		`{"apiKey|":["qwerty"]}`,
		`{"apiKey|":123456,"x":1}`,
		`{"key":"apiKey|","value":"qwerty"}`,
		`{apiKey|:'qwerty',x:1}`,
		"{\"apiKey|\"\n:\n\t\"qwerty\"}",
		"{\"api\x00Key|\":\"qwe\x1brty\"}",
		`{"master_key|":"qwerty"}`,
		`{"Master-APIkey|":"qwerty"}`,
		`{"a":{"apiKey|":"1"},"MASTERKEY":"2"}`,
		// JSON in a string
		`{\"apiKey|\":\"qwerty\",\"x\":1}`,
		`{\\\"apiKey|\\\":\\\"qwerty\\\"}`,
		`{\"apiKey|\":\"qwer`,
		`\u0022apiKey|\u0022:\u0022qwerty\u0022,\u0022x\u0022`,
		`\u0022apiKey|\u0022\u003a\u0022qwerty\u0022`,
		// forms and queries
		`apiKey|=qwerty&x=1`,
		`x=1&api_key|=qwerty`,
		`%22apiKey|%22%3A%22qwerty%22%2C`,
		`%2522apiKey|%2522%253A%2522qwerty%2522`,
		// XML and HTML
		`<apiKey|>qwerty</apiKey><x>1</x>`,
		`<apiKey|>qwer`,
		`<ns:apiKey| type="string">qwerty</ns:apiKey>`,
		`<apiKey|><![CDATA[qwerty]]></apiKey>`,
		`<product apiKey|="qwerty" name="n"/>`,
		`<entry key="apiKey|" value="qwerty"/>`,
		`<entry key="apiKey|">qwerty</entry>`,
		`<tr><td>apiKey|</td> <td>qwerty</td></tr>`,
		`&lt;apiKey|&gt;qwerty&lt;/apiKey&gt;`,
		`&quot;apiKey|&quot;:&quot;qwerty&quot;,&quot;x`,
		// text
		`Product{apiKey|='qwerty', x=1}`,
		`Product(masterApiKey|=qwerty, x=1)`,
		`MasterKey|: qwerty is wrong`,
		`产品的Master-APIkey|：qwerty`,
		`MASTER_KEY|=[qwerty]`,
		`api-key| => qwerty`,
		`apiKey| {"plain":"MDEyMzQ1Njc4OWFiY2RlZg==","x":"qwe-rty"}`,
	} {
		before, after, _ := strings.Cut(marked, "|")
		want := strings.ReplaceAll(before, "\x00", "") + "=" + redacted
		if got := newSanitizer(Config{}).sanitize(before + after); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", before+after, got, want)
		}
	}
}

// Other texts with the label of a key stay, but for long tokens.
func TestSanitizeKeepsWordsAboutKeys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`https://platform.test/a?apiKey=qwerty`:               `https://platform.test/a?[redacted]`,
		`cannot GET /a?x=1&MasterKey=qwerty now`:              `cannot GET /a?[redacted]`,
		`MasterKey 0123456789abcdef0123456789abcdef is wrong`: `MasterKey [redacted] is wrong`,
		`MasterKey of product 5 is not 0123456789abcdef01`:    `MasterKey of product 5 is not [redacted]`,
		`MasterKey（0123456789ABCDEF0123456789ABCDEF）不匹配`:      `MasterKey（[redacted]）不匹配`,
		// no value
		`Required head parameter 'MasterKey' can not be null`: `Required head parameter 'MasterKey' can not be null`,
		`{"message":"MasterKey missing","path":"/x"}`:         `{"message":"MasterKey missing","path":"/x"}`,
		`the MasterKey of product 10005977 is wrong`:          `the MasterKey of product 10005977 is wrong`,
		`MasterKey is not for aep_device_group_management`:    `MasterKey is not for aep_device_group_management`,
		`device 10339a8a95ae4a4a8a0f2f9b5d25cc16 has a key`:   `device 10339a8a95ae4a4a8a0f2f9b5d25cc16 has a key`,
		`MasterKey=[redacted]`:                                `MasterKey=[redacted]`,
	} {
		if got := newSanitizer(Config{}).sanitize(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// A label whose value is cut off by the limit of a message leaves no part of the value.
func TestSanitizeRemovesBeforeItCuts(t *testing.T) {
	t.Parallel()
	for before := range 2 * messageLimit {
		text := strings.Repeat("中", before) + `"apiKey":"qwerty"`
		if got := newSanitizer(Config{}).sanitize(text); strings.Contains(got, "q") {
			t.Fatalf("%d characters before the label: got %s", before, got)
		}
	}
}
