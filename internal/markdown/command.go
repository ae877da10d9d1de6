package markdown

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"octavo/internal/jsonx"
)

// Replacement is one element of the `content_updates` of an update_content command.
type Replacement struct {
	Old, New string
	// All replaces every match; without it there must be exactly one.
	All bool
}

// Insertion says where an insert_content command puts its content: behind what the selector
// After finds, or at the start of the page, or else at its end.
type Insertion struct {
	After   string
	AtStart bool
}

// Apply does the command of a request body, the object under its `type`, and says what it
// changes (pages-blocks.md §6.3). The error is a validation_error.
func (d *Document) Apply(body jsonx.Value) (*Change, error) {
	kind := body.Get("type").Text()
	command := body.Get(kind)
	allow := command.Get("allow_deleting_content").True()
	switch kind {
	case "insert_content":
		after, position := command.Get("after"), command.Get("position")
		if after.Kind() == jsonx.String && position.Kind() == jsonx.Object {
			return nil, invalid("Provide either `after` or `position`, not both.")
		}
		return d.Insert(command.Get("content").Text(), Insertion{After: after.Text(), AtStart: position.Get("type").Text() == "start"})
	case "replace_content":
		return d.Replace(command.Get("new_str").Text(), allow)
	case "replace_content_range":
		return d.ReplaceRange(command.Get("content").Text(), command.Get("content_range").Text(), allow)
	case "update_content":
		var list []Replacement
		for _, u := range command.Get("content_updates").Items() {
			list = append(list, Replacement{u.Get("old_str").Text(), u.Get("new_str").Text(), u.Get("replace_all_matches").True()})
		}
		return d.Update(list, allow)
	}
	return nil, invalid("There is no command of type %s.", body.Get("type"))
}

// Replace makes the text the whole content of the page. Pages and databases that it does
// not name are deleted if that is allowed, and refused if it is not. The error is a
// validation_error.
func (d *Document) Replace(text string, allowDeleting bool) (*Change, error) {
	read, err := Parse(text, d.o)
	if err != nil {
		return nil, err
	}
	return d.ReplaceBy(read, allowDeleting)
}

// ReplaceBy is [Document.Replace] with a text that is read already, as that of a page to be
// made is, for its title.
func (d *Document) ReplaceBy(read *Parsed, allowDeleting bool) (*Change, error) {
	return d.become(read.Nodes, read, allowDeleting)
}

func (d *Document) become(nodes []*Node, read *Parsed, allowDeleting bool) (*Change, error) {
	c, err := d.align(nodes, read.src, allowDeleting)
	if err != nil {
		return nil, err
	}
	c.Warnings = append(read.Warnings, c.Warnings...)
	return c, nil
}

// Update replaces pieces of the page's text, each in what the one before has left. Nothing
// is changed when one of them is not found, or found more than once and not to be replaced
// everywhere. The error is a validation_error.
func (d *Document) Update(list []Replacement, allowDeleting bool) (*Change, error) {
	text := d.Text
	for _, r := range list {
		if r.Old == "" {
			return nil, invalid("`old_str` must not be empty.")
		}
		switch n := strings.Count(text, r.Old); {
		case n == 0:
			return nil, invalid("No matches found for `old_str`: %s", excerpt(r.Old))
		case n > 1 && !r.All:
			return nil, invalid("Multiple matches found for `old_str`: %s. It must match exactly once (found %d), unless `replace_all_matches` is true.", excerpt(r.Old), n)
		}
		text = strings.ReplaceAll(text, r.Old, r.New)
	}
	return d.Replace(text, allowDeleting)
}

// excerpt quotes the beginning of a text.
func excerpt(s string) string {
	const most = 200
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%q…", s[:end])
}

// ReplaceRange replaces what a selector finds in the page's text. The error is a
// validation_error.
func (d *Document) ReplaceRange(text, selector string, allowDeleting bool) (*Change, error) {
	from, to, err := d.find(selector)
	if err != nil {
		return nil, err
	}
	return d.Replace(d.Text[:from]+d.indented(text, from)+d.Text[to:], allowDeleting)
}

// indented puts the lines of a text as far in as the line that it goes to, which in the
// first grammar says what it belongs to.
func (d *Document) indented(text string, at int) string {
	line := strings.LastIndexByte(d.Text[:at], '\n') + 1
	indent := d.Text[line:at]
	if d.o.Version == V2 || indent == "" || strings.Trim(indent, "\t") != "" {
		return text
	}
	return strings.ReplaceAll(text, "\n", "\n"+indent)
}

// find returns what a selector selects: from the first place where the text before its
// ellipsis is found to the end of the first place behind it where the text behind the
// ellipsis is found. One that is found as it is, or has no ellipsis, is just a text.
func (d *Document) find(selector string) (from, to int, err error) {
	const ellipsis = "..."
	if from = strings.Index(d.Text, selector); from >= 0 && selector != "" {
		return from, from + len(selector), nil
	}
	for at := 0; ; at++ {
		next := strings.Index(selector[at:], ellipsis)
		if next < 0 {
			return 0, 0, invalid("String not found: <pattern>%s</pattern>", selector)
		}
		at += next
		start, end := selector[:at], selector[at+len(ellipsis):]
		if from = strings.Index(d.Text, start); from < 0 {
			continue
		}
		if end == "" {
			return from, len(d.Text), nil
		}
		if n := strings.Index(d.Text[from+len(start):], end); n >= 0 {
			return from, from + len(start) + n + len(end), nil
		}
	}
}

// Insert adds text to the page as blocks of its own, behind the block in which a selection
// ends, or at an end of the page. Nothing that is there changes. The error is a
// validation_error.
func (d *Document) Insert(text string, at Insertion) (*Change, error) {
	read, err := Parse(text, d.o)
	if err != nil {
		return nil, err
	}
	var nodes []*Node
	switch {
	case at.After != "":
		_, end, err := d.find(at.After)
		if err != nil {
			return nil, err
		}
		nodes = insertBehind(d.nodes, len(strings.TrimRight(d.Text[:end], "\n"))-1, read.Nodes)
	case at.AtStart:
		nodes = slices.Concat(read.Nodes, d.nodes)
	default:
		nodes = slices.Concat(d.nodes, read.Nodes)
	}
	if Count(nodes) > MaxRecords {
		return nil, errTooLarge()
	}
	return d.become(nodes, read, false)
}

// insertBehind returns the nodes with others behind the innermost one that has a place in
// the text and siblings of any type. A place in no node is in the tags around a list.
func insertBehind(nodes []*Node, at int, more []*Node) []*Node {
	if inserted, ok := insertInto(nodes, at, more); ok {
		return inserted
	}
	i := 0
	for i < len(nodes) && nodes[i].at <= at {
		i++
	}
	return slices.Concat(nodes[:i], more, nodes[i:])
}

func insertInto(nodes []*Node, at int, more []*Node) ([]*Node, bool) {
	for i, n := range nodes {
		if at < n.at || at >= n.end {
			continue
		}
		if n.holdsAny() {
			if inner, ok := insertInto(n.Children, at, more); ok {
				changed := *n
				changed.Children = inner
				return slices.Concat(nodes[:i], []*Node{&changed}, nodes[i+1:]), true
			}
		} else if inner, ok := insertBelowParts(n, at, more); ok {
			return slices.Concat(nodes[:i], []*Node{inner}, nodes[i+1:]), true
		}
		return slices.Concat(nodes[:i+1], more, nodes[i+1:]), true
	}
	return nil, false
}

// insertBelowParts inserts into a column or a tab, whose own siblings are all of its type.
func insertBelowParts(n *Node, at int, more []*Node) (*Node, bool) {
	for i, part := range n.Children {
		if at < part.at || at >= part.end || !part.holdsAny() {
			continue
		}
		inner, ok := insertInto(part.Children, at, more)
		if !ok {
			inner = slices.Concat(more, part.Children)
		}
		changedPart, changed := *part, *n
		changedPart.Children = inner
		changed.Children = slices.Concat(n.Children[:i], []*Node{&changedPart}, n.Children[i+1:])
		return &changed, true
	}
	return nil, false
}

// holdsAny reports whether blocks of any type can be put among the children of a node.
func (n *Node) holdsAny() bool {
	return n.canHold() && n.Type != "table" && n.Type != "column_list" && n.Type != "tab"
}
