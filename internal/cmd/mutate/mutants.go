package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// mutant is a change of one place in a source file.
type mutant struct {
	file          string
	line          int
	start, end    int // byte offsets of before
	before, after string
}

// String returns the place and the change on one line.
func (m mutant) String() string {
	file := m.file
	if folder, err := os.Getwd(); err == nil {
		file = strings.TrimPrefix(file, folder+"/")
	}
	if m.after == "" {
		return fmt.Sprintf("%s:%d: without %s", file, m.line, oneLine(m.before))
	}
	return fmt.Sprintf("%s:%d: %s instead of %s", file, m.line, oneLine(m.after), oneLine(m.before))
}

func oneLine(text string) string {
	const most = 100
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// opposites are the operators that replace others.
var opposites = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LAND: token.LOR, token.LOR: token.LAND,
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
}

// mutantsOf returns all mutants of a file. Some of them do not compile.
func mutantsOf(file string) ([]mutant, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, 0)
	if err != nil {
		return nil, err
	}
	var found []mutant
	add := func(from, to token.Pos, after string) {
		start, end := set.Position(from), set.Position(to).Offset
		before := string(source[start.Offset:end])
		found = append(found, mutant{file, start.Line, start.Offset, end, before, strings.ReplaceAll(after, "%", before)})
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BinaryExpr:
			if other, known := opposites[n.Op]; known {
				add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String())
			}
		case *ast.IfStmt:
			add(n.Cond.Pos(), n.Cond.End(), "!(%)")
		case *ast.Ident:
			if other, known := map[string]string{"true": "false", "false": "true"}[n.Name]; known {
				add(n.Pos(), n.End(), other)
			}
		case *ast.BlockStmt:
			deleteEach(n.List, add)
		case *ast.CaseClause:
			deleteEach(n.Body, add)
		case *ast.CommClause:
			deleteEach(n.Body, add)
		}
		return true
	})
	return found, nil
}

// deleteEach adds a mutant without each statement that only has an effect.
func deleteEach(statements []ast.Stmt, add func(from, to token.Pos, after string)) {
	for _, statement := range statements {
		switch s := statement.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt:
		default:
			continue
		}
		add(statement.Pos(), statement.End(), "")
	}
}
