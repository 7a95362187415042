package internal_test

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// mostWords is how many words a sentence may have. A code span and a name in
// bold count as one.
const mostWords = 25

// avoided lists expressions that the language rules of CONTRIBUTING.md
// exclude, and for each a better one.
var avoided = []struct{ words, better string }{
	{"whoever", "the subject itself, such as `a caller that`"},
	{"nobody", "the subject itself, such as `no set`"},
	{"the one that|the ones that|those that|the one who|the ones who|those who", "the noun, such as `the device that`"},
	{"in place of", "instead of"},
	{"so many", "this many, that many"},
	{"besides", "also"},
	{"by itself|by themselves", "on its own, automatically, or nothing"},
	{"goes on|go on|going on|went on|gone on", "continues"},
	{"takes up|take up|taken up|took up|taking up", "continues, resumes"},
	{"stands|stood", "is, has, means"},
	{"told|untold", "known, reported, stated, with a state"},
	{"fares|fared", "the state, the result"},
	{"ails|ailed", "is wrong with"},
	{"alone", "only, unchanged"},
	{"strangers?|strays?", "unlisted device"},
	{"for it would|for it is|for there", "because"},
	{"anew", "again"},
	{"somebody", "someone, or the subject itself"},
	{"shall", "must, will"},
	{"passed over|passes over|pass over", "skipped"},
	{"for want of", "without"},
	{"their say|its say", "the rule, without a metaphor"},
	{"knocks?|visitors?", "task lock, holder"},
}

// finding is one breach of the language rules.
type finding struct {
	line int
	text string
}

// passage is a run of text, such as a paragraph, a list item or a comment. The
// line of its first character is start; a line break in text starts the next.
// literal is true for a string of a program.
type passage struct {
	start   int
	text    string
	literal bool
}

var (
	avoidedPatterns = func() []*regexp.Regexp {
		var patterns []*regexp.Regexp
		for _, a := range avoided {
			words := strings.ReplaceAll(a.words, " ", `\s+`)
			patterns = append(patterns, regexp.MustCompile(`(?i)(?:^|[^\w-])(`+words+`)(?:[^\w-]|$)`))
		}
		return patterns
	}()
	codeSpan     = regexp.MustCompile("(?s)``.+?``|`[^`]+`|\\{\\{.*?\\}\\}")
	bold         = regexp.MustCompile(`(?s)\*\*[^*]+\*\*`)
	link         = regexp.MustCompile(`(?s)\[([^\]]*)\]\([^)]*\)`)
	sentenceEnd  = regexp.MustCompile(`[.!?]["'”’)*_]*\s+|[。！？][”’）*_]*\s*`)
	abbreviation = regexp.MustCompile(`(?i)(?:^|[\s(])(?:e\.g|i\.e|vs|cf)\.\s+$`)
	initialWhat  = regexp.MustCompile(`^["(*]*(?:What|Whatever)\s`)
)

// checkPassages returns the avoided words and the long sentences of passages.
func checkPassages(passages []passage) []finding {
	var found []finding
	for _, p := range passages {
		p.text = link.ReplaceAllString(codeSpan.ReplaceAllStringFunc(p.text, oneWord), "$1")
		found = append(found, p.avoidedWords()...)
		p.text = bold.ReplaceAllStringFunc(p.text, oneWord)
		found = append(found, p.badSentences()...)
	}
	return found
}

func (p passage) avoidedWords() (found []finding) {
	for i, pattern := range avoidedPatterns {
		for _, at := range pattern.FindAllStringSubmatchIndex(p.text, -1) {
			found = append(found, p.finding(at[2], "“%s”: write %s", strings.Join(strings.Fields(p.text[at[2]:at[3]]), " "), avoided[i].better))
		}
	}
	return found
}

func (p passage) badSentences() (found []finding) {
	eachSentence(p.text, func(at int, sentence string) {
		if count := countWords(sentence); count > mostWords {
			found = append(found, p.finding(at, "%d words in “%s …”: at most %d", count, beginning(sentence), mostWords))
		}
		if !p.literal && initialWhat.MatchString(sentence) && strings.HasSuffix(strings.TrimSpace(sentence), ".") {
			found = append(found, p.finding(at, "“%s …”: name the subject first", beginning(sentence)))
		}
	})
	return found
}

// finding returns a breach at an offset of the text.
func (p passage) finding(at int, format string, values ...any) finding {
	return finding{p.start + strings.Count(p.text[:at], "\n"), fmt.Sprintf(format, values...)}
}

// oneWord returns a word that counts for a code span or a name in bold, with
// the line breaks of that.
func oneWord(text string) string {
	return "CODE" + strings.Repeat("\n", strings.Count(text, "\n"))
}

// eachSentence calls do with each sentence of a text and its offset.
func eachSentence(text string, do func(at int, sentence string)) {
	from := 0
	for _, end := range sentenceEnd.FindAllStringIndex(text, -1) {
		if abbreviation.MatchString(text[:end[1]]) {
			continue
		}
		do(from, text[from:end[1]])
		from = end[1]
	}
	if strings.TrimSpace(text[from:]) != "" {
		do(from, text[from:])
	}
}

// countWords returns the number of words with a letter or a digit.
func countWords(sentence string) int {
	count := 0
	for _, word := range strings.Fields(sentence) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			count++
		}
	}
	return count
}

// beginning returns the first words of a sentence.
func beginning(sentence string) string {
	words := strings.Fields(sentence)
	return strings.Join(words[:min(len(words), 7)], " ")
}
