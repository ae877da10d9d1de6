// Package markdown is the language of the Markdown content API (pages-blocks.md §6): it
// writes blocks as text, reads text as blocks, and finds the fewest changes by which the
// blocks of a page become those of a text. It knows blocks, but no store.
//
//   - [Render] writes the blocks of a page and remembers which text belongs to which.
//   - [Parse] reads text as a tree of [Node], which become new blocks through [Node.New].
//   - [Document.Insert], [Document.Replace], [Document.ReplaceRange] and [Document.Update]
//     are the commands of PATCH /v1/pages/{page_id}/markdown. Each returns a [Change]: what
//     to update, to place and to delete, so that blocks keep their ids.
//
// There are two grammars, [V1] and [V2]. DESIGN.md gives both, and the reasons.
package markdown

import (
	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// Version is a grammar: the `markdown_version` of a request (pages-blocks.md §6.1).
type Version uint8

// The grammars.
const (
	V1 Version = 1 // enhanced markdown, in which a line is a block
	V2 Version = 2 // Notion-flavored Markdown, which is CommonMark with tags
)

// ParseVersion returns the grammar that a request names; "" is the default, [V1].
func ParseVersion(name string) (Version, bool) {
	switch name {
	case "", "v1":
		return V1, true
	case "v2":
		return V2, true
	}
	return 0, false
}

// MaxRecords is how many blocks of a page are rendered at most, and how many a page may
// have after it was written as text (pages-blocks.md §6.2). Whoever reads the page marks
// what is beyond as [Block.Unloaded].
const MaxRecords = 20000

// MaxDepth is how many blocks may be nested in each other in a text. [Render] shows what is
// deeper as unknown, as if it had not been loaded; [Parse] refuses it.
const MaxDepth = 64

// Block is a stored block to be rendered, with what hangs on it.
type Block struct {
	ID   notion.ID
	Type string
	// Payload is the stored form, as package block makes it; mentions need not be resolved.
	Payload []byte
	// Children are not the block's own when it is a synced copy, but those of the original.
	// A page or database in the content of another page has none.
	Children []*Block
	// Unloaded says that the reader may not see the block, or that the page was too large to
	// read it. It is rendered as <unknown>, and the text is truncated.
	Unloaded bool
}

// Options say how text is written and read. The zero value of every field but Version
// means that nothing is known of the kind.
type Options struct {
	Version Version
	// Page is the page whose content the text is.
	Page notion.ID
	// Names knows what is mentioned. When it is also a [richtext.EmojiResolver] or a
	// [media.FileResolver], it knows emojis and uploaded files too.
	Names richtext.Resolver
	// Database returns what the tag of a database says beyond its title.
	Database func(database notion.ID) (Database, bool)
	// PageOf returns the page that a synced original is on, for its address.
	PageOf func(block notion.ID) (notion.ID, bool)
	// EmojiNamed finds the custom emoji of a name.
	EmojiNamed func(name string) (notion.ID, bool)
	// UploadAt finds the file upload that an address, as [Options.Names] gives it, leads to.
	UploadAt func(url string) (notion.ID, bool)
	// DatabaseOf finds the database of a data source that is mentioned.
	DatabaseOf func(source notion.ID) (notion.ID, bool)
	// OmitTranscript leaves a short notice in place of the transcript of meeting notes
	// (pages-blocks.md §6.2).
	OmitTranscript bool
}

// Database is what the tag of a database says beyond its title.
type Database struct {
	Inline bool
	// Icon is the stored form, nil when there is none.
	Icon []byte
	// DataSource is the one data source of the database, zero when it has several.
	DataSource notion.ID
}

// Warning says that something of a text was read otherwise than it was written.
type Warning struct {
	// Line is where in the text, from 1.
	Line    int
	Message string
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
