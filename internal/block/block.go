// Package block knows the types of blocks: what a request may write, what is stored and
// shown, and what may hang on what (pages-blocks.md §2).
//
// [Types] is the table of them. Most rows are nothing but a list of fields; the odd ones
// (tables, columns, synced blocks, tabs, media, links to pages) have a file with the rest.
// What is stored as the payload of a block is what the newest version of the API shows, so
// most blocks are answered as they lie in the database.
package block

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// MaxBlocks is how many blocks one request may create by default, nested ones included
// (pages-blocks.md §3.2).
const MaxBlocks = 1000

// New is a block to be stored: one that a request creates, with its children, or the
// changed payload of one that it updates.
type New struct {
	Type string
	// Payload is the stored form, complete with defaults and in wire order.
	Payload []byte
	// Dynamic reports whether [Resolve] has to fill something in when the block is read.
	Dynamic bool
	// Uploads are the file uploads that the request attaches. Whoever stores the block sees
	// to it that they exist; [media.UploadNotFound] is the refusal.
	Uploads  []media.Use
	Children []*New
}

// DecodeAll reads an array of blocks that has passed the schema "block"; Undefined is
// none. More than limit blocks, nested ones included, are refused; zero is no limit. The
// error is a validation_error.
func DecodeAll(v jsonx.Value, limit int) ([]*New, error) {
	d := decoder{limit: limit}
	return d.all(v)
}

// Decode reads one block, with its children, that has passed the schema "block". The
// error is a validation_error.
func Decode(v jsonx.Value) (*New, error) {
	return (&decoder{}).one(v)
}

// Count returns how many blocks there are, nested ones included.
func Count(tree []*New) int {
	n := len(tree)
	for _, b := range tree {
		n += Count(b.Children)
	}
	return n
}

// decoder counts the blocks of one request.
type decoder struct{ limit, count int }

func (d *decoder) all(v jsonx.Value) ([]*New, error) {
	items := v.Items()
	if d.count += len(items); d.limit > 0 && d.count > d.limit {
		return nil, invalid("One request can create at most %d blocks.", d.limit)
	}
	if len(items) == 0 {
		return nil, nil
	}
	tree := make([]*New, len(items))
	for i, it := range items {
		var err error
		if tree[i], err = d.one(it); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

func (d *decoder) one(v jsonx.Value) (*New, error) {
	t, sent := find(v)
	if t == nil {
		return nil, invalid("A block needs the object of its type.")
	}
	if t.standing != creatable {
		return nil, invalid("Block type %s is not supported via the API.", t.Name)
	}
	r := reader{typ: t}
	payload, err := r.create(sent)
	if err != nil {
		return nil, err
	}
	const usual = 384 // bytes that hold a short paragraph
	n := &New{Type: t.Name, Payload: payload.Append(make([]byte, 0, usual)), Dynamic: r.dynamic, Uploads: r.uploads}
	if n.Children, err = d.all(sent.Get("children")); err != nil {
		return nil, err
	}
	if err := t.canTake(payload, n.Children); err != nil {
		return nil, err
	}
	return n, nil
}

// find returns the type of a block in a request and the object under its key.
func find(v jsonx.Value) (*Type, jsonx.Value) {
	for _, m := range v.Members() {
		if t := Lookup(m.Key); t != nil && m.Value.Kind() == jsonx.Object {
			return t, m.Value
		}
	}
	return nil, jsonx.Value{}
}

// UpdateKey returns the block type whose object a body for updating a block holds, and
// that object; "" when it holds none.
func UpdateKey(body jsonx.Value) (string, jsonx.Value) {
	t, sent := find(body)
	if t == nil {
		return "", sent
	}
	return t.Name, sent
}

// Update changes the stored payload of a block of type typ by an object that has passed
// the schema "update_block". Fields it does not name stay as they are. hasChildren tells
// whether the block has children now. The error is a validation_error, but for a stored
// payload that is no JSON.
func Update(typ string, old []byte, patch jsonx.Value, hasChildren bool) (*New, error) {
	t := Lookup(typ)
	if t == nil || !t.updatable() {
		return nil, invalid("Blocks of type %s cannot be updated via the API.", typ)
	}
	payload, err := jsonx.Parse(old)
	if err != nil {
		return nil, err
	}
	r := reader{typ: t, updates: true, hasChildren: hasChildren}
	if payload, err = r.update(payload, patch); err != nil {
		return nil, err
	}
	return &New{Type: typ, Payload: payload.Append(nil), Dynamic: IsDynamic(payload), Uploads: r.uploads}, nil
}

// IsDynamic reports whether a stored payload has something for [Resolve] to fill in.
func IsDynamic(payload jsonx.Value) bool {
	dynamic := media.IsUpload(payload) || payload.Get("icon").Has("custom_emoji") || media.IsUpload(payload.Get("icon"))
	richtext.References(payload, func(richtext.Kind, notion.ID) { dynamic = true })
	return dynamic
}

// Resolve fills in, in place, what a stored payload refers to, as the resolver's reader
// sees it: mentions, custom emojis, uploaded files. It returns the payload.
func Resolve(payload jsonx.Value, r richtext.Resolver) jsonx.Value {
	return media.Resolve(richtext.Resolve(payload, r), r)
}

// References calls f for everything that the rich text of a stored payload mentions.
func References(payload jsonx.Value, f func(richtext.Kind, notion.ID)) {
	richtext.References(payload, f)
}

// TitlePayload returns the payload of a page, a database or a data source as a node, by its
// plain title.
func TitlePayload(title string) []byte {
	dst := jsonx.AppendString([]byte(`{"title":`), title)
	return append(dst, '}')
}

// Title returns the plain title in what [TitlePayload] returned.
func Title(payload []byte) (string, error) {
	v, err := jsonx.Parse(payload)
	return v.Get("title").Text(), err
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

// failed is a refusal in the form the API gives to what it finds wrong with content beyond
// its shape (contract.md §4.4 row 89; the space before the line break is the API's).
func failed(what string) error {
	return invalid("Content creation Failed. Fix the following: \n%s", what)
}
