package aep

import (
	"strings"
	"testing"
)

// The values of labels that mean the MasterKey are removed, in every notation and also
// where the text is cut. The client does not know these keys.
func TestSanitizeRemovesTheValuesOfKeyLabels(t *testing.T) {
	t.Parallel()
	const key = "qwerty"
	for text, want := range map[string]string{
		// JSON
		`{"apiKey":"qwerty","x":1}`:            `{"apiKey":"[redacted]","x":1}`,
		`{"apiKey" : "qwerty a&b,<c","x":1}`:   `{"apiKey" : "[redacted]","x":1}`,
		`{"apiKey":"qwer`:                      `{"apiKey":"[redacted]`,
		`{"apiKey":"\"qwerty","x":1}`:          `{"apiKey":"[redacted]","x":1}`,
		`{"apiKey":["qwerty"]}`:                `{"apiKey":["[redacted]"]}`,
		`{"apiKey":123456,"x":1}`:              `{"apiKey":[redacted],"x":1}`,
		`{"key":"apiKey","value":"qwerty"}`:    `{"key":"apiKey","value":"[redacted]"}`,
		`{apiKey:'qwerty',x:1}`:                `{apiKey:'[redacted]',x:1}`,
		"{\"apiKey\"\n:\n\t\"qwerty\"}":        `{"apiKey" :  "[redacted]"}`,
		"{\"api\x00Key\":\"qwe\x1brty\"}":      `{"apiKey":"[redacted]"}`,
		`{"master_key":"qwerty"}`:              `{"master_key":"[redacted]"}`,
		`{"Master-APIkey":"qwerty"}`:           `{"Master-APIkey":"[redacted]"}`,
		`{"a":{"apiKey":"1"},"MASTERKEY":"2"}`: `{"a":{"apiKey":"[redacted]"},"MASTERKEY":"[redacted]"}`,
		// JSON in a string
		`{\"apiKey\":\"qwerty\",\"x\":1}`:                     `{\"apiKey\":\"[redacted]",\"x\":1}`,
		`{\\\"apiKey\\\":\\\"qwerty\\\"}`:                     `{\\\"apiKey\\\":\\\"[redacted]"}`,
		`{\"apiKey\":\"qwer`:                                  `{\"apiKey\":\"[redacted]`,
		`\u0022apiKey\u0022:\u0022qwerty\u0022,\u0022x\u0022`: `\u0022apiKey\u0022:\u0022[redacted]\u0022,\u0022x\u0022`,
		`\u0022apiKey\u0022\u003a\u0022qwerty\u0022`:          `\u0022apiKey\u0022\u003a\u0022[redacted]\u0022`,
		// forms and queries
		`apiKey=qwerty&x=1`:                      `apiKey=[redacted]&x=1`,
		`x=1&api_key=qwerty`:                     `x=1&api_key=[redacted]`,
		`%22apiKey%22%3A%22qwerty%22%2C`:         `%22apiKey%22%3A%22[redacted]`,
		`%2522apiKey%2522%253A%2522qwerty%2522`:  `%2522apiKey%2522%253A%2522[redacted]`,
		`https://platform.test/a?apiKey=qwerty`:  `https://platform.test/a?[redacted]`,
		`cannot GET /a?x=1&MasterKey=qwerty now`: `cannot GET /a?[redacted] now`,
		// XML and HTML
		`<apiKey>qwerty</apiKey><x>1</x>`:               `<apiKey>[redacted]</apiKey><x>1</x>`,
		`<apiKey>qwer`:                                  `<apiKey>[redacted]`,
		`<ns:apiKey type="string">qwerty</ns:apiKey>`:   `<ns:apiKey type="string">[redacted]</ns:apiKey>`,
		`<apiKey><![CDATA[qwerty]]></apiKey>`:           `<apiKey><![CDATA[[redacted]></apiKey>`,
		`<product apiKey="qwerty" name="n"/>`:           `<product apiKey="[redacted]" name="n"/>`,
		`<entry key="apiKey" value="qwerty"/>`:          `<entry key="apiKey" value="[redacted]"/>`,
		`<entry key="apiKey">qwerty</entry>`:            `<entry key="apiKey">[redacted]</entry>`,
		`<tr><td>apiKey</td> <td>qwerty</td></tr>`:      `<tr><td>apiKey</td> <td>[redacted]</td></tr>`,
		`&lt;apiKey&gt;qwerty&lt;/apiKey&gt;`:           `&lt;apiKey&gt;[redacted]&lt;/apiKey&gt;`,
		`&quot;apiKey&quot;:&quot;qwerty&quot;,&quot;x`: `&quot;apiKey&quot;:&quot;[redacted]&quot;,&quot;x`,
		// text
		`Product{apiKey='qwerty', x=1}`:                             `Product{apiKey='[redacted]', x=1}`,
		`Product(masterApiKey=qwerty, x=1)`:                         `Product(masterApiKey=[redacted], x=1)`,
		`MasterKey: qwerty is wrong`:                                `MasterKey: [redacted] is wrong`,
		`产品的Master-APIkey：qwerty`:                                   `产品的Master-APIkey：[redacted]`,
		`MASTER_KEY=[qwerty]`:                                       `MASTER_KEY=[redacted]`,
		`api-key => qwerty`:                                         `api-key => [redacted]`,
		`MasterKey 0123456789abcdef0123456789abcdef is wrong`:       `MasterKey [redacted] is wrong`,
		`MasterKey of product 5 is not 0123456789abcdef01`:          `MasterKey of product 5 is not [redacted]`,
		`MasterKey（0123456789ABCDEF0123456789ABCDEF）不匹配`:            `MasterKey（[redacted]）不匹配`,
		`apiKey {"plain":"MDEyMzQ1Njc4OWFiY2RlZg==","x":"qwe-rty"}`: `apiKey {"plain":"[redacted]","x":"qwe-rty"}`,
		// no value
		`Required head parameter 'MasterKey' can not be null`: `Required head parameter 'MasterKey' can not be null`,
		`the MasterKey of product 10005977 is wrong`:          `the MasterKey of product 10005977 is wrong`,
		`MasterKey is not for aep_device_group_management`:    `MasterKey is not for aep_device_group_management`,
		`device 10339a8a95ae4a4a8a0f2f9b5d25cc16 has a key`:   `device 10339a8a95ae4a4a8a0f2f9b5d25cc16 has a key`,
		`MasterKey=[redacted]`:                                `MasterKey=[redacted]`,
	} {
		got := newSanitizer(Config{}).sanitize(text)
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
		if strings.Contains(got, key) {
			t.Errorf("%s: got %s, which has the key", text, got)
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
