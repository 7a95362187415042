package examples_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// chinesePrefix begins the file name of a guide in Chinese.
const chinesePrefix = "zh-cn-"

// TestChineseGuides compares each Chinese guide with the English one. TestGuides runs the blocks of the English one.
func TestChineseGuides(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../templates/guides/" + chinesePrefix + "*.md")
	if err != nil || len(names) < 4 {
		t.Fatalf("%d guides: %v", len(names), err)
	}
	for _, name := range names {
		guide := strings.TrimPrefix(filepath.Base(name), chinesePrefix)
		t.Run(strings.TrimSuffix(guide, ".md"), func(t *testing.T) {
			t.Parallel()
			page := read(t, name)
			front := chineseFront.FindStringSubmatch(page)
			if front == nil {
				t.Fatal("the page does not begin with a title, the subcategory and a description in Chinese")
			}
			english, chinese := unitsOf(read(t, "../templates/guides/"+guide)), unitsOf(page)
			for _, difference := range unlike(english, chinese, false, func(u unit) []string {
				return u.facts(guide == "when-something-fails.md", false, translated(t))
			}) {
				t.Error(difference)
			}
			checkChinese(t, append(chinese, unit{text: front[1]}, unit{text: front[2]}))
			checkLinks(t, chinese, "../templates/guides/", filepath.Base(name))
		})
	}
}

var chineseFront = regexp.MustCompile(
	`^---\npage_title: "(.*\p{Han}.*)"\nsubcategory: "中文指南"\ndescription: \|-\n  (.*\p{Han}.*)\n---\n`)

// translated returns a function that names the Chinese page of a link where there is one. An anchor in such
// a page is that of a Chinese heading, so the English one is left out.
func translated(t *testing.T) func(string) string {
	t.Helper()
	names, err := filepath.Glob("../templates/guides/" + chinesePrefix + "*.md")
	if err != nil {
		t.Fatal(err)
	}
	return func(target string) string {
		page, _, _ := strings.Cut(target, "#")
		if page == "" {
			return "this page"
		}
		folder, base := filepath.Split(page)
		base = chinesePrefix + strings.TrimPrefix(base, chinesePrefix)
		if slices.ContainsFunc(names, func(name string) bool { return filepath.Base(name) == base }) {
			return folder + base
		}
		return target
	}
}

// TestChineseReadme compares the two introductions. The Chinese one has sections of its own, and the section of
// `make demo` is compared by TestReadmes.
func TestChineseReadme(t *testing.T) {
	t.Parallel()
	english, chinese := unitsOf(read(t, "../README.md")), unitsOf(read(t, "../README.zh-CN.md"))
	checkChinese(t, chinese)
	checkLinks(t, chinese, "../", "README.zh-CN.md")
	english = slices.DeleteFunc(english, func(u unit) bool { return strings.Contains(u.text, chinesePrefix) || u.text == "中文指南:" })
	for _, heading := range []string{"编号和密钥在控制台的位置", "平台术语对照", "常见问题", "反馈与求助"} {
		chinese = withoutSection(t, chinese, heading)
	}
	english, chinese = withoutDemo(t, english), withoutDemo(t, chinese)
	target := translated(t)
	for _, difference := range unlike(english, chinese, true, func(u unit) []string {
		return u.facts(false, true, func(page string) string {
			if page == "README.md" || page == "README.zh-CN.md" {
				return "the other language"
			}
			return target(page)
		})
	}) {
		t.Error(difference)
	}
}

// withoutSection returns units without the section of a heading. It fails if there is none.
func withoutSection(t *testing.T, units []unit, heading string) []unit {
	t.Helper()
	from := slices.IndexFunc(units, func(u unit) bool {
		return strings.HasPrefix(u.kind, "heading") && strings.HasSuffix(u.text, "# "+heading)
	})
	if from < 0 {
		t.Fatalf("there is no section %q", heading)
	}
	to := slices.IndexFunc(units[from+1:], func(u unit) bool { return strings.HasPrefix(u.kind, "heading") })
	if to < 0 {
		return units[:from]
	}
	return slices.Delete(slices.Clone(units), from, from+1+to)
}

// withoutDemo returns units without the section that shows `make demo`.
func withoutDemo(t *testing.T, units []unit) []unit {
	t.Helper()
	at := slices.IndexFunc(units, func(u unit) bool { return strings.HasPrefix(u.kind, "block") && strings.Contains(u.text, "make demo") })
	for ; at >= 0; at-- {
		if heading, found := strings.CutPrefix(units[at].text, "## "); found {
			return withoutSection(t, units, heading)
		}
	}
	t.Fatal("there is no section with make demo")
	return nil
}

// checkLinks looks for links to an English page that has a Chinese one, and for anchors in Chinese pages without a
// heading. The units are those of the page self in folder.
func checkLinks(t *testing.T, units []unit, folder, self string) {
	t.Helper()
	target := translated(t)
	for _, u := range units {
		for _, match := range link.FindAllStringSubmatch(u.text, -1) {
			page, anchor, found := strings.Cut(match[2], "#")
			if page == "" {
				page = self
			} else if better := target(page); better != page {
				t.Errorf("line %d: the link to %s leaves out %s", u.line, page, better)
			}
			if !found || page != self && !strings.HasPrefix(page, chinesePrefix) {
				continue
			}
			if !slices.ContainsFunc(unitsOf(read(t, folder+page)), func(u unit) bool { return u.anchor() == anchor }) {
				t.Errorf("line %d: %s has no heading for #%s", u.line, page, anchor)
			}
		}
	}
}

// typography has what a page in Chinese does not contain, with the reason.
var typography = map[string]*regexp.Regexp{
	"a space before %":                                   regexp.MustCompile(`\d %`),
	"half-width punctuation after Chinese":               regexp.MustCompile(`\p{Han}[,;:!?()]`),
	"half-width punctuation before Chinese":              regexp.MustCompile(`[,;:!?()] ?\p{Han}`),
	"a full stop of another language":                    regexp.MustCompile(`\p{Han}\.(?:\s|$)`),
	"full-width letters or digits":                       regexp.MustCompile(`[０-９Ａ-Ｚａ-ｚ％]`),
	"a space beside full-width punctuation":              regexp.MustCompile(` [，。；：！？、（）]|[，。；：！？、（）] `),
	"no space between Chinese and letters or digits":     regexp.MustCompile("\\p{Han}[A-Za-z0-9`]|[A-Za-z0-9`%]\\p{Han}"),
	"straight quotes":                                    regexp.MustCompile(`\p{Han}"|"\p{Han}`),
	"设备组, which can be taken for 设备分组":                   regexp.MustCompile(`设备组`),
	"接入地址, which is the address for devices":             regexp.MustCompile(`接入地址`),
	"取消设备: it is their upgrade that is cancelled":        regexp.MustCompile(`取消(?:其余|剩余)设备(?:[^的]|$)`),
	"a line break, which is shown as a space in Chinese": regexp.MustCompile(`\n`),
}

// chineseRemark matches a comment with Chinese, and the name of a file.
var chineseRemark = regexp.MustCompile(`\p{Han}|^# [\w./-]+\.[a-z]+$`)

// checkChinese looks for bad typography in the text of units and in the comments of code.
func checkChinese(t *testing.T, units []unit) {
	t.Helper()
	for _, u := range units {
		switch {
		case u.kind == "block text" || u.kind == "note" || u.kind == "html":
			continue
		case strings.HasPrefix(u.kind, "block"):
			remarks := remark.FindAllString(u.text, -1)
			for _, english := range slices.DeleteFunc(slices.Clone(remarks), chineseRemark.MatchString) {
				t.Errorf("line %d: the comment %q is not in Chinese", u.line, english)
			}
			u.text = strings.Join(remarks, "|")
		}
		if bad := unclosed(u.text); bad != "" {
			t.Errorf("line %d: Markdown does not end the emphasis of %s here, because of the punctuation before the stars", u.line, bad)
		}
		text := codeSpan.ReplaceAllString(link.ReplaceAllString(u.text, "$1"), "`code`")
		for part := range strings.SplitSeq(strings.ReplaceAll(text, "*", ""), "|") {
			for what, pattern := range typography {
				if bad := pattern.FindString(strings.TrimSpace(part)); bad != "" {
					t.Errorf("line %d: %s: %q in %s", u.line, what, bad, u.text)
				}
			}
		}
	}
}

var bold = regexp.MustCompile(`\*\*[^*]+\*\*`)

// unclosed returns bold text that ends with punctuation and is followed by a letter: CommonMark does not close it.
func unclosed(text string) string {
	for _, pair := range bold.FindAllStringIndex(text, -1) {
		inside := []rune(text[pair[0] : pair[1]-2])
		if after := []rune(text[pair[1]:]); len(after) > 0 && unicode.IsPunct(inside[len(inside)-1]) && unicode.IsLetter(after[0]) {
			return text[pair[0]:pair[1]]
		}
	}
	return ""
}
