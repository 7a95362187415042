package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// goPassages returns the comments and the string literals of a Go file.
func goPassages(name string, content []byte) ([]passage, error) {
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
	return passages, nil
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

var opening = regexp.MustCompile(`^\s*(?:[-*]|\d+\.|#+)\s+`)

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
