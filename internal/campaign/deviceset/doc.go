// Package deviceset holds sets of device ids: it reads them from lists and files, compares and packs them,
// and divides them into waves. It does no I/O but reading files.
package deviceset
