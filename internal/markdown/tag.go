package markdown

import (
	"strings"

	"github.com/yuin/goldmark/util"
)

// attr is an attribute of a tag.
type attr struct{ name, value string }

// attrs are the attributes of a tag, in order.
type attrs []attr

// get returns the value of an attribute, "" when there is none.
func (a attrs) get(name string) string {
	for i := range a {
		if a[i].name == name {
			return a[i].value
		}
	}
	return ""
}

// tag is one tag as it is written, with its angle brackets.
type tag struct {
	name  string
	attrs attrs
	close bool // </name>
	void  bool // <name />
	size  int  // bytes
}

// maxTag is how long a tag may be in bytes; the longest that can be needed has an address.
const maxTag = 16 << 10

// parseTag reads the tag that s begins with. It is on one line, and its attributes have
// quotes around their values.
func parseTag(s string) (tag, bool) {
	var t tag
	i := 1
	if i < len(s) && s[i] == '/' {
		t.close = true
		i++
	}
	start := i
	for i < len(s) && isNameByte(s[i], i == start) {
		i++
	}
	if i == start {
		return t, false
	}
	t.name = s[start:i]
	for i < len(s) && i < maxTag {
		blank := i
		i = skipBlanks(s, i)
		switch {
		case i == len(s):
			return t, false
		case s[i] == '>':
			t.size = i + 1
			return t, true
		case strings.HasPrefix(s[i:], "/>"):
			t.void = true
			t.size = i + len("/>")
			return t, !t.close
		case i == blank || t.close:
			return t, false
		}
		a, n := parseAttr(s[i:])
		if n == 0 {
			return t, false
		}
		t.attrs = append(t.attrs, a)
		i += n
	}
	return t, false
}

func isNameByte(b byte, first bool) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || !first && (b >= '0' && b <= '9' || b == '-' || b == '_')
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// parseAttr reads the attribute that s begins with, and returns how long it is, 0 when
// there is none.
func parseAttr(s string) (attr, int) {
	i := 0
	for i < len(s) && isNameByte(s[i], i == 0) {
		i++
	}
	name := s[:i]
	if i == 0 || i+1 >= len(s) || s[i] != '=' || s[i+1] != '"' && s[i+1] != '\'' {
		return attr{}, 0
	}
	quote := s[i+1]
	i += len(`="`)
	end := strings.IndexByte(s[i:min(len(s), i+maxTag)], quote)
	if end < 0 {
		return attr{}, 0
	}
	value := s[i : i+end]
	if strings.IndexByte(value, '\n') >= 0 {
		return attr{}, 0
	}
	return attr{attrName(name), decodeEntities(value)}, i + end + 1
}

// attrName returns the name of an attribute as the second grammar writes it: startTime and
// start_time are start-time.
func attrName(name string) string {
	var out []byte
	for i := range len(name) {
		b := name[i]
		switch {
		case b >= 'A' && b <= 'Z':
			if i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
				out = append(out, '-')
			}
			b |= 0x20
		case b == '_':
			b = '-'
		}
		out = append(out, b)
	}
	return string(out)
}

// appendTag appends an opening tag, or one without content.
func (o *Options) appendTag(dst []byte, name string, a attrs, void bool) []byte {
	dst = append(dst, '<')
	dst = append(dst, name...)
	for i := range a {
		dst = append(dst, ' ')
		dst = append(dst, a[i].name...)
		dst = append(dst, `="`...)
		dst = appendAttrValue(dst, a[i].value)
		dst = append(dst, '"')
	}
	switch {
	case void && o.Version == V2:
		dst = append(dst, " /"...)
	case void:
		dst = append(dst, '/')
	}
	return append(dst, '>')
}

// appendAttrValue appends what may stand between quotes in a tag, wherever the tag is: what
// ends an attribute, a list of them, a tag, a cell or a line, or begins code, is written by
// its name or number.
func appendAttrValue(dst []byte, s string) []byte {
	for i := range len(s) {
		switch b := s[i]; b {
		case '"':
			dst = append(dst, "&quot;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '`':
			dst = append(dst, "&#96;"...)
		case '|':
			dst = append(dst, "&#124;"...)
		case '\\':
			dst = append(dst, "&#92;"...)
		case '{':
			dst = append(dst, "&#123;"...)
		case '}':
			dst = append(dst, "&#125;"...)
		case '\n':
			dst = append(dst, "&#10;"...)
		case '&':
			if isEntity(s[i:]) {
				dst = append(dst, "&amp;"...)
				continue
			}
			dst = append(dst, b)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// decodeEntities replaces what is written by its name or number.
func decodeEntities(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return string(unescape([]byte(s), false, true))
}

// unescape replaces, from left to right, escaped punctuation and what is written by its
// name or number.
func unescape(s []byte, escapes, entities bool) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b == '\\' && escapes && i+1 < len(s) && util.IsPunct(s[i+1]):
			out = append(out, s[i+1])
			i += 2
		case b == '&' && entities:
			n := entityLength(s[i:])
			out = append(out, decodeEntity(s[i:i+n])...)
			i += n
		default:
			out = append(out, b)
			i++
		}
	}
	return out
}

// entityLength returns how long the entity is that s may begin with, 1 when there is none.
func entityLength(s []byte) int {
	if !isEntity(string(s[:min(len(s), 64)])) {
		return 1
	}
	return strings.IndexByte(string(s[:min(len(s), 64)]), ';') + 1
}

func decodeEntity(s []byte) []byte {
	return util.ResolveEntityNames(util.ResolveNumericReferences(s))
}

// trim drops the space at the ends of s that is none in either grammar; other space, such
// as that which does not break, is text.
func trim(s string) string { return strings.Trim(s, " \t\n") }
