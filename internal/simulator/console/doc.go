// Package console is a console for a simulated platform. It serves a web page
// at /console/, and the same as JSON below /console/api/. It plays a person
// who watches and changes tasks while a client works with the platform.
//
// It is not the vendor's console, and knows no account and no key: everyone who
// reaches its port can change the platform. Its own requests are not in the
// platform's journal.
package console
