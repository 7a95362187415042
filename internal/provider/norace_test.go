//go:build !race

package provider_test

const thinning = 1
