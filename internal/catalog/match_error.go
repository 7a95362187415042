package catalog

import (
	"fmt"
	"time"
)

// MaxCandidates is how many rows a MatchError lists.
const MaxCandidates = 10

// The kinds of objects that are looked up.
const (
	KindProduct  = "product"
	KindFirmware = "firmware"
	KindGroup    = "device group"
)

// The attributes that objects are looked up by.
const (
	ByID      = "id"
	ByName    = "name"
	ByVersion = "version"
)

// Candidate is an object that a look-up has found, or might have meant.
type Candidate struct {
	ID        int64
	Name      string
	Version   string    // of firmware
	CreatedAt time.Time // zero if the platform gave none
}

// MatchError is a look-up that nothing matches, or more than one object.
type MatchError struct {
	Kind      string // of the object
	ProductID int64  // product that the object was looked for in, 0 for a product
	By        string // attribute that was compared
	Value     string // value of that attribute
	// Rows are the objects that match, if there are several. Otherwise they are candidates, those most alike first.
	// There are at most MaxCandidates.
	Rows  []Candidate
	Total int64 // number of objects that Rows were chosen from
	// Whole reports that Rows were chosen from all objects, not only from the results of a search of the platform.
	Whole bool
	// Matches is the number of objects that match: 0, or at least 2.
	Matches int
	// Undated reports that the newest match was looked for, and the times of creation do not decide it. Rows are the
	// matches that may be the newest.
	Undated bool
	// OtherProduct is the product that the only match belongs to, 0 if it is the product that was looked in.
	OtherProduct int64
	// Err is the refusal of the platform to return the object, nil if there was none.
	Err error
}

// Error returns what was looked for and the number of matches, without Rows.
func (e *MatchError) Error() string {
	text := e.outcome()
	if e.Err != nil {
		text += " (" + e.Err.Error() + ")"
	}
	return text
}

// Unwrap returns the refusal of the platform, which may be nil.
func (e *MatchError) Unwrap() error { return e.Err }

func (e *MatchError) outcome() string {
	where := ""
	if e.ProductID != 0 {
		where = fmt.Sprintf(" of product %d", e.ProductID)
	}
	switch {
	case e.OtherProduct != 0:
		return fmt.Sprintf("%s belongs to product %d, not to product %d", e.object(), e.OtherProduct, e.ProductID)
	case e.Undated:
		return fmt.Sprintf("%s%s: which of %d is the newest is not known, because their times of creation are equal or missing",
			e.object(), where, e.Matches)
	case e.Matches > 0:
		return fmt.Sprintf("%s%s: %d match", e.object(), where, e.Matches)
	}
	return fmt.Sprintf("%s%s does not exist", e.object(), where)
}

// UnknownProductError is a group over several products of which the platform does not say which devices belong to
// a product.
type UnknownProductError struct {
	GroupID, ProductID int64
	Devices            int // number of devices without a product
}

func (e *UnknownProductError) Error() string {
	return fmt.Sprintf("device group %d has devices of several products, and the platform gives no product for %d of them: "+
		"they may not belong to product %d", e.GroupID, e.Devices, e.ProductID)
}

// object returns the object that was looked for, such as `firmware 3297` or `firmware with version "1.3251"`.
func (e *MatchError) object() string {
	if e.By == ByID {
		return e.Kind + " " + e.Value
	}
	return fmt.Sprintf("%s with %s %q", e.Kind, e.By, e.Value)
}
