package main

import (
	"context"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// contract returns the part of a line of the surface that later versions must keep. The rest are the words of
// validators. They change with the libraries that have them, and no configuration depends on them.
func contract(line string) string {
	before, _, _ := strings.Cut(line, "; ")
	return before
}

// withWords appends the words of validators to a line.
func withWords(line string, texts []string) string {
	if len(texts) == 0 {
		return line
	}
	return line + "; " + strings.Join(texts, ", ")
}

// rules returns a line for each rule about the arguments of an object together. It has the provider's own text, or the
// arguments that the text of a library names.
func rules(ctx context.Context, object any, lines []string) (all []string) {
	for _, method := range []string{"ConfigValidators", "ListResourceConfigValidators"} {
		validators := reflect.ValueOf(object).MethodByName(method)
		if !validators.IsValid() {
			continue
		}
		list := validators.Call([]reflect.Value{reflect.ValueOf(ctx)})[0]
		for i := range list.Len() {
			text := strings.Join(described(ctx, list.Index(i)), " ")
			if strings.HasSuffix(typeOf(list.Index(i)).PkgPath(), "/internal/provider") {
				all = append(all, "(rule) "+text)
				continue
			}
			all = append(all, withWords("(rule) about "+strings.Join(argumentsIn(text, lines), " "), []string{text}))
		}
	}
	return all
}

func typeOf(v reflect.Value) reflect.Type {
	t := v.Elem().Type()
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

var (
	words  = regexp.MustCompile(`\w+`)
	figure = regexp.MustCompile(`\b\d+(?:\.\d+)?(?:(?:ms|s|m|h)[\dhms]*)?\b`)
)

// argumentsIn returns the attributes that a text names, sorted.
func argumentsIn(text string, lines []string) (all []string) {
	for _, one := range words.FindAllString(text, -1) {
		if slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, one+", ") }) {
			all = append(all, one)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// limits returns the numbers that the texts of validators name, such as the least and the largest.
func limits(texts []string) (words []string) {
	var all []string
	for _, text := range texts {
		for _, one := range figure.FindAllString(text, -1) {
			all = append(all, number(one))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return []string{"limits " + strings.Join(all, " ")}
}

// number returns a number without zeros at its end, and another text as it is.
func number(text string) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// choices returns the texts that validators accept: lists of texts and patterns, also inside of other validators.
func choices(validators reflect.Value) (words []string) {
	switch validators.Kind() {
	case reflect.Slice:
		if validators.Type().Elem().Kind() == reflect.String {
			return []string{"one of " + joined(validators)}
		}
		for i := range validators.Len() {
			words = append(words, choices(validators.Index(i))...)
		}
	case reflect.Struct:
		for _, field := range validators.Fields() {
			words = append(words, choices(field)...)
		}
	case reflect.Interface:
		return choices(validators.Elem())
	case reflect.Pointer:
		if validators.Type() == reflect.TypeFor[*regexp.Regexp]() {
			return []string{"pattern " + validators.Elem().FieldByName("expr").String()}
		}
	default: // no texts
	}
	return words
}

// joined returns texts in an order that does not depend on the source.
func joined(texts reflect.Value) string {
	all := make([]string, texts.Len())
	for i := range all {
		all[i] = texts.Index(i).String()
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// described returns the descriptions of validators or of plan modifiers.
func described(ctx context.Context, field reflect.Value) (texts []string) {
	if !field.IsValid() || field.IsNil() {
		return nil
	}
	if field.Kind() == reflect.Slice {
		for i := range field.Len() {
			texts = append(texts, described(ctx, field.Index(i))...)
		}
		return texts
	}
	if one, ok := reflect.TypeAssert[interface{ Description(context.Context) string }](field); ok {
		text, _, _ := strings.Cut(one.Description(ctx), ", such as")
		texts = append(texts, text)
	}
	return texts
}
