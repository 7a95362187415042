package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
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

// checkLanguage returns the breaches in a file, which it parses by the kind
// that its name shows.
func checkLanguage(name string, content []byte) ([]finding, error) {
	switch filepath.Ext(name) {
	case ".go":
		return checkGo(name, content)
	case ".md", ".tmpl":
		return checkPassages(markdownPassages(string(content))), nil
	default:
		return checkPassages(hashPassages(string(content))), nil
	}
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
	sentenceEnd  = regexp.MustCompile(`[.!?。！？]["'”’)*_]*\s+`)
	abbreviation = regexp.MustCompile(`(?i)(?:^|[\s(])(?:e\.g|i\.e|vs|cf|no)\.\s+$`)
	opening      = regexp.MustCompile(`^\s*(?:[-*]|\d+\.|#+)\s+`)
	initialWhat  = regexp.MustCompile(`^["(*]*(?:What|Whatever)\s`)
)

// checkPassages returns the avoided words and the long sentences of passages.
func checkPassages(passages []passage) []finding {
	var found []finding
	for _, p := range passages {
		text := codeSpan.ReplaceAllStringFunc(p.text, oneWord)
		text = link.ReplaceAllString(text, "$1")
		line := func(text string, at int) int { return p.start + strings.Count(text[:at], "\n") }
		for i, pattern := range avoidedPatterns {
			for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
				words := strings.Join(strings.Fields(text[at[2]:at[3]]), " ")
				found = append(found, finding{line(text, at[2]), "“" + words + "”: write " + avoided[i].better})
			}
		}
		text = bold.ReplaceAllStringFunc(text, oneWord)
		eachSentence(text, func(at int, sentence string) {
			if count := countWords(sentence); count > mostWords {
				found = append(found, finding{line(text, at), strconv.Itoa(count) + " words in “" + beginning(sentence) + " …”: at most " + strconv.Itoa(mostWords)})
			}
			if !p.literal && initialWhat.MatchString(sentence) && strings.HasSuffix(strings.TrimSpace(sentence), ".") {
				found = append(found, finding{line(text, at), "“" + beginning(sentence) + " …”: name the subject first"})
			}
		})
	}
	return found
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

// checkGo returns the breaches in the comments and the string literals of a
// Go file.
func checkGo(name string, content []byte) ([]finding, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, content, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var passages []passage
	for _, group := range parsed.Comments {
		passages = append(passages, commentPassages(files, group)...)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec, *ast.Field:
			field, ok := node.(*ast.Field)
			return ok && field.Tag == nil
		case *ast.BinaryExpr:
			if node.Op == token.ADD && joinsText(node) {
				passages = append(passages, literalPassages(files.Position(node.Pos()).Line, joined(node))...)
				return false
			}
		case *ast.BasicLit:
			if node.Kind == token.STRING {
				passages = append(passages, literalPassages(files.Position(node.Pos()).Line, joined(node))...)
			}
		}
		return true
	})
	return checkPassages(passages), nil
}

// joinsText reports whether an expression is a sum with a string literal.
func joinsText(expression ast.Expr) bool {
	switch e := expression.(type) {
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (joinsText(e.X) || joinsText(e.Y))
	case *ast.BasicLit:
		return e.Kind == token.STRING
	}
	return false
}

// joined returns the text of a sum of strings, with one word for each part
// that is no literal.
func joined(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BinaryExpr:
		return joined(e.X) + joined(e.Y)
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	}
	return "CODE"
}

// literalPassages returns the paragraphs of a string literal. They all have
// its first line. A text of several lines with braces is code.
func literalPassages(line int, text string) []passage {
	if strings.Contains(text, "\n") && strings.ContainsAny(text, "{}") {
		return nil
	}
	var passages []passage
	for _, p := range markdownPassages(text) {
		passages = append(passages, passage{line, strings.ReplaceAll(p.text, "\n", " "), true})
	}
	return passages
}

// commentPassages returns the paragraphs of a comment. Directives and indented
// lines, which are code, are left out.
func commentPassages(files *token.FileSet, group *ast.CommentGroup) []passage {
	var lines []string
	start := files.Position(group.Pos()).Line
	for _, comment := range group.List {
		text, single := strings.CutPrefix(comment.Text, "//")
		switch {
		case !single:
			lines = append(lines, strings.Split(strings.Trim(text, "/*"), "\n")...)
		case !strings.HasPrefix(text, " "), strings.HasPrefix(text, "   "), strings.HasPrefix(text, " \t"):
			lines = append(lines, "")
		default:
			lines = append(lines, text[1:])
		}
	}
	return paragraphs(start, lines)
}

// markdownPassages returns paragraphs, list items and headings, without front
// matter, code blocks, tables and HTML comments.
func markdownPassages(text string) []passage {
	lines := strings.Split(text, "\n")
	fenced, matter := "", false
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case i == 0 && trimmed == "---", matter && trimmed == "---":
			matter = !matter
			lines[i] = ""
		case fenced != "":
			if strings.HasPrefix(trimmed, fenced) {
				fenced = ""
			}
			lines[i] = ""
		case strings.HasPrefix(trimmed, "```"):
			fenced = "```"
			lines[i] = ""
		case matter, strings.HasPrefix(trimmed, "|"), strings.HasPrefix(trimmed, "<!--"):
			lines[i] = ""
		}
	}
	return paragraphs(1, lines)
}

// hashPassages returns the comments that begin with # or //, and the text of
// the other lines in quotation marks.
func hashPassages(text string) []passage {
	var passages []passage
	lines := strings.Split(text, "\n")
	comments := make([]string, len(lines))
	quoted := regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if comment, found := strings.CutPrefix(strings.Replace(trimmed, "//", "#", 1), "#"); found {
			comments[i] = strings.TrimSpace(strings.TrimLeft(comment, "#!"))
			continue
		}
		if _, help, found := strings.Cut(line, " ## "); found {
			passages = append(passages, passage{start: i + 1, text: help})
		}
		for _, literal := range quoted.FindAllStringSubmatch(line, -1) {
			passages = append(passages, passage{i + 1, literal[1], true})
		}
	}
	return append(paragraphs(1, comments), passages...)
}

// paragraphs splits lines, of which the first has the number start, at empty
// lines and before list items.
func paragraphs(start int, lines []string) []passage {
	var passages []passage
	var current *passage
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			current = nil
			continue
		}
		bare := opening.ReplaceAllString(line, "")
		if current == nil || bare != line {
			passages = append(passages, passage{start: start + i, text: bare})
			current = &passages[len(passages)-1]
		} else {
			current.text += "\n" + line
		}
		if strings.HasPrefix(line, "#") {
			current = nil
		}
	}
	return passages
}
