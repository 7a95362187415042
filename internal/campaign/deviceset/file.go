package deviceset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// ReadFile reads a file with one device id a line. Blank lines and lines that begin with # are skipped, in any
// encoding. CRLF and a byte order mark are accepted. Errors name the line.
func ReadFile(path string) (Set, error) {
	// Opening a file that is not regular, such as a pipe, may block.
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &missingFileError{path}
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a file", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	set, err := parseDevices(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}

// missingFileError is a file that does not exist.
type missingFileError struct{ path string }

func (e *missingFileError) Error() string { return e.path + " does not exist" }

func (e *missingFileError) Unwrap() error { return fs.ErrNotExist }

func parseDevices(r io.Reader) (Set, error) {
	var (
		ids     []string
		lines   []int32 // the line of each id
		texts   arena
		scanner = bufio.NewScanner(r)
		number  int32
	)
	scanner.Buffer(make([]byte, maxLine), maxLine)
	for scanner.Scan() {
		number++
		line := scanner.Bytes()
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return nil, fmt.Errorf("line %d is not UTF-8 text", number)
		}
		id := texts.add("", line)
		if problem := idProblem(id); problem != "" {
			return nil, fmt.Errorf("line %d: device id %s %s", number, quoted(id), problem)
		}
		if len(ids) == Max {
			return nil, fmt.Errorf("line %d: a set may have at most %d devices", number, Max)
		}
		ids, lines = append(ids, id), append(lines, number)
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d is longer than %d bytes; a file holds one device id a line", number+1, maxLine)
	case err != nil:
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	return sorted(ids, func(i int) string { return fmt.Sprintf("line %d", lines[i]) })
}

// arena allocates strings in large pieces, because a million small ones slow down the garbage collector.
type arena struct{ piece strings.Builder }

const arenaPiece = 256 << 10 // bytes; at least maxLine

// add returns the concatenation of head and rest.
func (a *arena) add(head string, rest []byte) string {
	if a.piece.Cap()-a.piece.Len() < len(head)+len(rest) {
		a.piece = strings.Builder{}
		a.piece.Grow(arenaPiece)
	}
	start := a.piece.Len()
	a.piece.WriteString(head)
	a.piece.Write(rest)
	return a.piece.String()[start:]
}

const maxLine = 64 << 10 // bytes
