package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctwing/terraform-provider-aep/internal/simulator"
)

// pageEffects are the effects of a page size that is too large.
var pageEffects = map[string]simulator.PageTooLarge{
	"capped": simulator.PageTooLargeCapped, "refused": simulator.PageTooLargeRefused,
	"bad-request": simulator.PageTooLargeBadRequest,
}

// oneOf returns a function that sets a value by its name.
func oneOf[T any](value *T, names map[string]T) func(string) error {
	return func(name string) error {
		named, known := names[name]
		if !known {
			return fmt.Errorf("not one of %s", strings.Join(slices.Sorted(maps.Keys(names)), ", "))
		}
		*value = named
		return nil
	}
}
