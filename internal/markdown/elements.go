package markdown

import (
	"strings"

	"octavo/internal/block"
	"octavo/internal/richtext"
)

// element reads the block, or the blocks, that a tag stands for.
func (p *parser) element(e *element) []*Node {
	nodes := p.tagged(e)
	for _, n := range nodes {
		if n.at == 0 {
			n.at = e.at
		}
	}
	return nodes
}

// tagged reads a tag by its name. Those that both grammars have mean the same in both. (A
// table would need itself to be made, since what is in a tag is read in the same way.)
func (p *parser) tagged(e *element) []*Node {
	switch e.name {
	case "p":
		return p.paragraph(e)
	case "empty-block":
		return []*Node{{Type: "paragraph", bare: true}}
	case "h1", "h2", "h3", "h4":
		return p.headingTag(e)
	case "quote":
		return p.quote(e)
	case "toggle":
		return p.toggle(e)
	case "details":
		return p.details(e)
	case "ul", "ol":
		return p.list(e)
	case "li":
		return p.listItem(e)
	case "todo":
		return p.toDo(e)
	case "callout":
		return p.callout(e)
	case "columns":
		return p.columnList(e)
	case "tabs":
		return p.tabs(e)
	case "table":
		return p.table(e)
	case "equation":
		return p.equationTag(e)
	case "table-of-contents", "table_of_contents":
		return []*Node{{Type: "table_of_contents", color: p.color(e)}}
	case "image", "pdf", "file", "audio", "video":
		return p.media(e)
	case "bookmark", "embed":
		return []*Node{{Type: e.name, text: p.caption(e), address: sourceOf(e)}}
	case "page":
		return p.page(e)
	case "database":
		return p.database(e)
	case "synced-block", "synced_block":
		return p.synced(e)
	case "synced-block-reference", "synced_block_reference":
		return p.syncedCopy(e)
	case "meeting-notes":
		return p.meeting(e)
	case "unknown":
		return p.unknown(e)
	case "folder", "mail", "custom-block", "external_object_instance":
		return p.foreign(e)
	}
	// A part of something, where that is not.
	p.warn(e.at, "<"+e.name+"> does not belong here; what is in it was kept.")
	return p.content(e)
}

func (p *parser) paragraph(e *element) []*Node {
	n := &Node{Type: "paragraph", color: p.color(e), icon: p.icon(e.at, e.attrs.get("icon"))}
	p.titled(e, n)
	n.bare = len(e.attrs) == 0 && len(n.text) == 0 && len(n.Children) == 0
	return []*Node{n}
}

// headingTag reads a heading, which can be toggled when it has children.
func (p *parser) headingTag(e *element) []*Node {
	n := heading(int(e.name[1] - '0'))
	n.color = p.color(e)
	p.titled(e, n)
	n.toggleable = len(n.Children) > 0
	return []*Node{n}
}

func (p *parser) quote(e *element) []*Node {
	n := &Node{Type: "quote", color: p.color(e)}
	p.titled(e, n)
	return []*Node{n}
}

func (p *parser) toggle(e *element) []*Node {
	n := &Node{Type: "toggle"}
	if level := e.attrs.get("heading"); len(level) == 2 && level[0] == 'h' && level[1] >= '1' && level[1] <= '6' {
		n = heading(int(level[1] - '0'))
		n.toggleable = true
	}
	n.color = p.color(e)
	p.titled(e, n)
	return []*Node{n}
}

func (p *parser) listItem(e *element) []*Node {
	n := &Node{Type: "bulleted_list_item", color: p.color(e)}
	p.titled(e, n)
	return []*Node{n}
}

// list reads the items of a list. What is in it but in no item is kept as an item.
func (p *parser) list(e *element) []*Node {
	typ := "bulleted_list_item"
	if e.name == "ol" {
		typ = "numbered_list_item"
	}
	var items []*Node
	for _, it := range e.items {
		switch {
		case it.el == nil && trim(it.text) == "":
		case it.el != nil && it.el.name == "li":
			n := p.listItem(it.el)[0]
			n.Type, n.at = typ, it.at
			items = append(items, n)
		default:
			p.warn(it.at, "What is in <"+e.name+"> but not in <li> was kept as it is.")
			items = append(items, p.loose(it)...)
		}
	}
	return items
}

// loose reads one item of an element by itself.
func (p *parser) loose(it item) []*Node {
	return p.content(&element{items: []item{it}, from: it.at, to: it.at + len(it.text)})
}

func (p *parser) toDo(e *element) []*Node {
	n := &Node{Type: "to_do", color: p.color(e), checked: e.attrs.get("checked") == "true"}
	p.titled(e, n)
	return []*Node{n}
}

func (p *parser) callout(e *element) []*Node {
	n := &Node{Type: "callout", color: p.color(e), icon: p.icon(e.at, e.attrs.get("icon"))}
	p.titled(e, n)
	return []*Node{n}
}

// details reads a toggle of the first grammar, whose text is the summary.
func (p *parser) details(e *element) []*Node {
	n := &Node{Type: "toggle", color: p.color(e)}
	rest := *e
	rest.items = nil
	for _, it := range e.items {
		if it.el != nil && it.el.name == "summary" && n.text == nil {
			n.text = p.caption(it.el)
			continue
		}
		rest.items = append(rest.items, it)
	}
	n.Children = p.content(&rest)
	return []*Node{n}
}

// parts reads the children of an element that are all of one tag. Anything else gets a part
// of its own.
func (p *parser) parts(e *element, name string, read func(*element, *Node)) []*Node {
	var parts []*Node
	for _, it := range e.items {
		n := &Node{at: it.at}
		switch {
		case it.el == nil && trim(it.text) == "":
			continue
		case it.el != nil && it.el.name == name:
			read(it.el, n)
		case it.el != nil && it.el.name == "unknown":
			n = p.unknown(it.el)[0]
		default:
			p.warn(it.at, "What is in <"+e.name+"> but not in <"+name+"> was put into one.")
			read(&element{items: []item{it}, from: it.at, to: it.at + len(it.text)}, n)
		}
		parts = append(parts, n)
	}
	return parts
}

func (p *parser) columnList(e *element) []*Node {
	columns := p.parts(e, "column", func(e *element, n *Node) {
		n.Type = "column"
		if p.o.Version == V2 {
			n.ratio, _ = ratioFrom(e.attrs.get("ratio"))
		}
		n.Children = p.content(e)
	})
	return []*Node{{Type: "column_list", Children: columns}}
}

func (p *parser) tabs(e *element) []*Node {
	tabs := p.parts(e, "tab", func(e *element, n *Node) {
		n.Type = "paragraph"
		n.color, n.icon = p.color(e), p.icon(e.at, e.attrs.get("icon"))
		p.titled(e, n)
	})
	return []*Node{{Type: "tab", Children: tabs}}
}

// equationTag reads an equation, whose source has no markup.
func (p *parser) equationTag(e *element) []*Node {
	source := strings.TrimSuffix(strings.TrimPrefix(p.src[e.from:e.to], "\n"), "\n")
	return []*Node{{Type: "equation", expression: decodeEntities(source)}}
}

// sourceOf returns the address of what a tag shows: each grammar has its own word for it.
func sourceOf(e *element) string {
	for _, name := range []string{"source", "src", "url"} {
		if address := e.attrs.get(name); address != "" {
			return unbrace(address)
		}
	}
	return ""
}

func (p *parser) media(e *element) []*Node {
	n := &Node{Type: e.name, text: p.caption(e)}
	p.file(n, sourceOf(e))
	return []*Node{n}
}

// file says where a file is: among our uploads, or elsewhere.
func (p *parser) file(n *Node, address string) {
	if id, ok := p.o.uploadIn(address); ok {
		n.upload = id
		return
	}
	n.address = address
}

func (p *parser) page(e *element) []*Node {
	n := &Node{Type: block.ChildPage, text: plainSpans(plainText(p.caption(e)))}
	p.existing(n, e.attrs.get("url"))
	return []*Node{n}
}

func (p *parser) database(e *element) []*Node {
	n := &Node{Type: block.ChildDatabase, text: plainSpans(plainText(p.caption(e))), Inline: e.attrs.get("inline") == "true"}
	if p.existing(n, e.attrs.get("url")); !n.Existing.IsZero() {
		return []*Node{n}
	}
	n.icon = p.icon(e.at, e.attrs.get("icon"))
	if source := e.attrs.get("data-source-url"); source != "" {
		id, ok := idIn(source)
		if !ok {
			p.fail(invalid("Invalid Notion data source URL: %s", unbrace(source)))
		}
		n.DataSource = id
	}
	return []*Node{n}
}

func (p *parser) synced(e *element) []*Node {
	n := &Node{Type: block.Synced, Children: p.content(e)}
	p.existing(n, e.attrs.get("url"))
	return []*Node{n}
}

// syncedCopy reads a copy of a synced block. What is in it belongs to the original.
func (p *parser) syncedCopy(e *element) []*Node {
	n := &Node{Type: block.Synced, Children: p.content(e)}
	id, ok := idIn(e.attrs.get("url"))
	if !ok {
		p.fail(invalid("Invalid Notion page or block URL: %s", unbrace(e.attrs.get("url"))))
	}
	n.original = id
	return []*Node{n}
}

// unknown reads the place of a block that has no words.
func (p *parser) unknown(e *element) []*Node {
	n := &Node{alt: e.attrs.get("alt")}
	id, ok := idIn(e.attrs.get("url"))
	if !ok {
		p.fail(invalid("Invalid Notion page or block URL: %s", unbrace(e.attrs.get("url"))))
	}
	n.Existing = id
	return []*Node{n}
}

// foreign reads what the hosted product has and this one does not. What is in it is kept.
func (p *parser) foreign(e *element) []*Node {
	p.warn(e.at, "<"+e.name+"> cannot be made here; what is in it was kept.")
	if address := sourceOf(e); len(e.items) == 0 && richtext.ValidURL(address) {
		return []*Node{{Type: "paragraph", text: []span{{text: address, link: address}}}}
	}
	return p.content(e)
}

// table reads a table of tags. Colors of columns, rows and cells become colors of text, the
// nearest one first (pages-blocks.md §6.5).
func (p *parser) table(e *element) []*Node {
	n := &Node{Type: "table", columns: e.attrs.get("header-row") == "true", rows: e.attrs.get("header-column") == "true"}
	var columns []string
	var rows func(e *element)
	rows = func(e *element) {
		for _, it := range e.items {
			switch {
			case it.el == nil:
				if trim(it.text) != "" {
					p.warn(it.at, "Text in a table but in no cell was left out.")
				}
			case it.el.name == "col":
				columns = append(columns, p.color(it.el))
			case it.el.name == "tr":
				n.Children = append(n.Children, p.row(it.el, columns))
			case it.el.name == "unknown":
				n.Children = append(n.Children, p.unknown(it.el)...)
			default:
				rows(it.el)
			}
		}
	}
	rows(e)
	n.width = len(columns)
	squareOff(n)
	return []*Node{n}
}

// squareOff gives all rows of a table as many cells as the longest has.
func squareOff(n *Node) {
	for _, row := range n.Children {
		n.width = max(n.width, len(row.cells))
	}
	for _, row := range n.Children {
		for row.Type == "table_row" && len(row.cells) < n.width {
			row.cells = append(row.cells, nil)
		}
	}
	n.width = max(n.width, 1)
}

func (p *parser) row(e *element, columns []string) *Node {
	row := &Node{Type: "table_row", at: e.at}
	color := p.color(e)
	for _, it := range e.items {
		if it.el == nil || it.el.name != "td" && it.el.name != "th" {
			continue
		}
		colors := []string{p.color(it.el), color, nth(columns, len(row.cells))}
		cell := p.caption(it.el)
		for i := range cell {
			for _, c := range colors {
				if cell[i].color == "" {
					cell[i].color = c
				}
			}
		}
		row.cells = append(row.cells, canonical(cell, p.o.Version))
	}
	return row
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
