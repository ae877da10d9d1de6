package files

import (
	"context"
	"errors"
	"io"
	"sort"
)

// Part is one piece of a file as it is stored.
type Part struct {
	Key string
	// Size is in bytes.
	Size int64
}

// Content is a file read from its parts, one after the other. It is an
// [io.ReadSeekCloser], and not safe for concurrent use.
type Content struct {
	ctx     context.Context
	storage Storage
	parts   []Part
	ends    []int64 // of each part, from the start of the file
	offset  int64

	open     io.ReadCloser // what is read from, nil when nothing is
	openPart int           // the part that it is
	openAt   int64         // the offset it stands at
}

// NewContent returns the file that the parts make together. Nothing is opened before it is
// read; ctx bounds all reading.
func NewContent(ctx context.Context, s Storage, parts []Part) *Content {
	c := &Content{ctx: ctx, storage: s, parts: parts, ends: make([]int64, len(parts))}
	end := int64(0)
	for i, p := range parts {
		end += p.Size
		c.ends[i] = end
	}
	return c
}

// Size returns the size of the whole file, in bytes.
func (c *Content) Size() int64 {
	if len(c.ends) == 0 {
		return 0
	}
	return c.ends[len(c.ends)-1]
}

var errNegative = errors.New("files: seek to before the file")

// Seek implements [io.Seeker].
func (c *Content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.offset
	case io.SeekEnd:
		offset += c.Size()
	}
	if offset < 0 {
		return c.offset, errNegative
	}
	c.offset = offset
	return offset, nil
}

// Read implements [io.Reader]. A part that holds less than it should is
// [io.ErrUnexpectedEOF].
func (c *Content) Read(p []byte) (int, error) {
	rest, err := c.advance()
	if err != nil {
		return 0, err
	}
	n, err := c.open.Read(p[:min(int64(len(p)), rest)])
	c.offset += int64(n)
	c.openAt += int64(n)
	if errors.Is(err, io.EOF) && int64(n) < rest {
		return n, io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// CopyN writes up to n bytes to w, as [io.CopyN] does, and never more than what is left of
// one part: a file on disk then goes to a connection without passing through this process.
func (c *Content) CopyN(w io.Writer, n int64) (int64, error) {
	rest, err := c.advance()
	if err != nil {
		return 0, err
	}
	copied, err := io.CopyN(w, c.open, min(n, rest))
	c.offset += copied
	c.openAt += copied
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return copied, err
}

// Ready opens what the next read needs, so that a storage which fails is found out before
// anything is promised.
func (c *Content) Ready() error {
	_, err := c.advance()
	return err
}

// advance opens the part that the offset is in, and returns how much is left of it.
func (c *Content) advance() (int64, error) {
	i := sort.Search(len(c.ends), func(i int) bool { return c.ends[i] > c.offset })
	if i == len(c.ends) {
		return 0, io.EOF
	}
	if c.open != nil && c.openPart == i && c.openAt == c.offset {
		return c.ends[i] - c.offset, nil
	}
	if err := c.Close(); err != nil {
		return 0, err
	}
	start := c.ends[i] - c.parts[i].Size
	open, err := c.storage.Open(c.ctx, c.parts[i].Key, c.offset-start)
	if err != nil {
		return 0, err
	}
	c.open, c.openPart, c.openAt = open, i, c.offset
	return c.ends[i] - c.offset, nil
}

// Close implements [io.Closer]. Reading on opens what is needed again.
func (c *Content) Close() error {
	if c.open == nil {
		return nil
	}
	err := c.open.Close()
	c.open = nil
	return err
}
