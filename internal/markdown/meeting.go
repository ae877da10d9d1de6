package markdown

import (
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Meeting notes are one block with up to three sections, which are blocks of their own. A
// text can change the notes; the summary and the transcript are only shown (pages-blocks.md
// §2.6, §6.6).
const (
	meetingType = "meeting_notes"
	sectionType = "meeting_notes_section"
)

// The sections, as the first grammar names them; the second puts sectionPrefix before.
const (
	notesSection      = "notes"
	summarySection    = "summary"
	transcriptSection = "transcript"
	sectionPrefix     = "meeting-notes-section-"
)

// isMeeting reports whether a block is meeting notes, by its name in any version.
func isMeeting(typ string) bool { return typ == meetingType || typ == "transcription" }

func readMeeting(o *Options, n *Node, payload jsonx.Value) {
	n.Type = meetingType
	n.text = o.readSpans(payload.Get("title"))
}

// sections returns the sections of meeting notes as nodes that have their names.
func (v *viewer) sections(b *Block, payload jsonx.Value, depth int) []*Node {
	var nodes []*Node
	for _, child := range b.Children {
		name := sectionName(payload.Get("children"), child.ID)
		if name == "" {
			nodes = append(nodes, v.block(child, depth+1))
			continue
		}
		section := &Node{Type: sectionType, Existing: child.ID, alt: name, stored: child}
		v.payload(child)
		if name == transcriptSection && v.o.OmitTranscript {
			v.skip(child.Children)
		} else {
			section.Children = v.blocks(child.Children, depth+1)
		}
		nodes = append(nodes, section)
	}
	return nodes
}

func sectionName(children jsonx.Value, id notion.ID) string {
	for _, name := range []string{notesSection, summarySection, transcriptSection} {
		if of, ok := notion.ParseID(children.Get(name + "_block_id").Text()); ok && of == id {
			return name
		}
	}
	return ""
}

// transcriptNotice stands for a transcript that is left out.
func (o *Options) transcriptNotice(n *Node) string {
	return "Transcript omitted. Read it at " + o.blockAddress(o.Page, n.Existing)
}

func (w *writer) v1Meeting(n *Node, depth int, indent string) {
	w.open("meeting-notes", attrs(nil).with("url", w.o.blockAddress(w.o.Page, n.Existing)))
	inner := indent + "\t"
	if len(n.text) > 0 {
		w.string("\n" + inner)
		w.v1Text(n.text)
	}
	for _, section := range n.Children {
		if section.Type != sectionType {
			w.v1([]*Node{section}, depth+1)
			continue
		}
		w.string("\n" + inner)
		section.at = len(w.dst)
		w.open(section.alt, nil)
		if w.omits(section) {
			w.string("\n\t" + inner + w.o.transcriptNotice(section))
		}
		w.v1End(section.alt, section.Children, depth+1, inner)
		section.end = len(w.dst)
	}
	w.string("\n" + indent)
	w.close("meeting-notes")
}

func (w *writer) omits(section *Node) bool {
	return section.alt == transcriptSection && w.o.OmitTranscript
}

func (w *writer) v2Meeting(n *Node) {
	w.open("meeting-notes", attrs{{"view-url", w.o.blockAddress(w.o.Page, n.Existing)}})
	if len(n.text) > 0 {
		w.string("\n")
		w.inline(n.text, true, "")
	}
	for _, section := range n.Children {
		w.string("\n\n")
		if section.Type != sectionType {
			w.v2([]*Node{section})
			continue
		}
		section.at = len(w.dst)
		name := sectionPrefix + section.alt
		w.open(name, nil)
		w.string("\n")
		if w.omits(section) {
			w.string(w.o.transcriptNotice(section) + "\n")
		}
		w.v2(section.Children)
		w.v2End(name)
		section.end = len(w.dst)
	}
	w.v2End("meeting-notes")
}

// meeting reads meeting notes. What is new is no meeting, and its notes are all there is.
func (p *parser) meeting(e *element) []*Node {
	address := e.attrs.get("view-url")
	if address == "" {
		address = e.attrs.get("url")
	}
	id, ok := idIn(address)
	n := &Node{Type: meetingType, Existing: id, at: e.at}
	for _, it := range e.items {
		if it.el == nil || sectionOf(it.el.name) == "" {
			continue
		}
		section := &Node{Type: sectionType, alt: sectionOf(it.el.name), at: it.el.at}
		if section.alt == notesSection {
			section.Children = p.content(it.el)
		}
		n.Children = append(n.Children, section)
	}
	if ok {
		return []*Node{n}
	}
	p.warn(e.at, "Meeting notes cannot be made from Markdown; what is in their notes was kept.")
	for _, section := range n.Children {
		if section.alt == notesSection {
			return section.Children
		}
	}
	return nil
}

// sectionOf returns the name of the section that a tag is, "" when it is none.
func sectionOf(tag string) string {
	if len(tag) > len(sectionPrefix) && tag[:len(sectionPrefix)] == sectionPrefix {
		tag = tag[len(sectionPrefix):]
	}
	if slices.Contains([]string{notesSection, summarySection, transcriptSection}, tag) {
		return tag
	}
	return ""
}
