package formula

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	numberToken
	textToken
	nameToken
	placeholderToken
	symbolToken
)

// token is a piece of the text. For a text literal and a placeholder, text is what is
// meant; else it is what is written, with the aliases of an operator made one.
type token struct {
	kind       tokenKind
	start, end int
	text       string
}

// is reports whether the token is the symbol.
func (t token) is(symbol string) bool { return t.kind == symbolToken && t.text == symbol }

// describe names the token in an error.
func (t token) describe() string {
	switch t.kind {
	case endToken:
		return "the end"
	case textToken:
		return "a text"
	case placeholderToken:
		return "a property"
	}
	return "“" + t.text + "”"
}

// symbols are tried in order, so a longer one comes before its beginning.
var symbols = []struct{ written, meant string }{
	{"===", "=="}, {"!==", "!="}, {"==", "=="}, {"!=", "!="}, {">=", ">="}, {"<=", "<="},
	{"&&", "&&"}, {"||", "||"}, {">", ">"}, {"<", "<"}, {"+", "+"}, {"-", "-"}, {"*", "*"},
	{"/", "/"}, {"%", "%"}, {"^", "^"}, {"!", "!"}, {"?", "?"}, {":", ":"}, {".", "."},
	{",", ","}, {"(", "("}, {")", ")"}, {"[", "["}, {"]", "]"},
}

// hints say what to write instead of what the language does not have.
var hints = map[rune]string{
	'=':  "Two values are compared with “==”.",
	'&':  "Conditions are joined with “and” or “&&”.",
	'|':  "Conditions are joined with “or” or “||”.",
	'\'': "Text goes between double quotes.",
	'“':  "Text goes between straight double quotes.",
	'”':  "Text goes between straight double quotes.",
	'{':  "Lists are written between “[” and “]”.",
}

// scanner cuts a formula into tokens.
type scanner struct {
	text string
	at   int
}

// scan returns the tokens of the text, the last of which is the end.
func scan(text string) ([]token, error) {
	s := scanner{text: text}
	var tokens []token
	for {
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == endToken {
			return tokens, nil
		}
	}
}

func (s *scanner) next() (token, error) {
	if err := s.skipSpace(); err != nil {
		return token{}, err
	}
	start := s.at
	if start == len(s.text) {
		return token{kind: endToken, start: start, end: start}, nil
	}
	c := s.text[start]
	switch {
	case isDigit(c):
		return s.number(), nil
	case c == '"':
		return s.literal()
	case strings.HasPrefix(s.text[start:], "{{"):
		return s.placeholder()
	}
	if n := nameLength(s.text[start:]); n > 0 {
		s.at += n
		return token{nameToken, start, s.at, s.text[start:s.at]}, nil
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(s.text[start:], symbol.written) {
			s.at += len(symbol.written)
			return token{symbolToken, start, s.at, symbol.meant}, nil
		}
	}
	r, size := utf8.DecodeRuneInString(s.text[start:])
	message := fmt.Sprintf("“%c” has no meaning here.", r)
	if hint := hints[r]; hint != "" {
		message = hint
	}
	return token{}, s.fail(start, start+size, message)
}

func (s *scanner) fail(start, end int, message string) error {
	return &Error{Class: ParseError, Message: message, Start: start, End: end, text: s.text}
}

// skipSpace skips spaces and comments.
func (s *scanner) skipSpace() error {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			s.at += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return s.fail(s.at, s.at+2, "The comment has no end: “*/” is missing.")
			}
			s.at += n + 4
		default:
			r, size := utf8.DecodeRuneInString(rest)
			if !unicode.IsSpace(r) && r != '\ufeff' && r != '\u200b' {
				return nil
			}
			s.at += size
		}
	}
	return nil
}

// number reads digits with a fraction and an exponent. A dot without a digit after it is
// not part of the number, so that 3.round() is a call.
func (s *scanner) number() token {
	start := s.at
	s.digits()
	if s.at+1 < len(s.text) && s.text[s.at] == '.' && isDigit(s.text[s.at+1]) {
		s.at++
		s.digits()
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		sign := s.at + 1
		if sign < len(s.text) && (s.text[sign] == '-' || s.text[sign] == '+') {
			sign++
		}
		if sign < len(s.text) && isDigit(s.text[sign]) {
			s.at = sign
			s.digits()
		}
	}
	return token{numberToken, start, s.at, s.text[start:s.at]}
}

func (s *scanner) digits() {
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
}

// literal reads a text. A backslash before anything that needs none stands for itself, so
// that the regular expressions "\\d" and "\d" are the same.
func (s *scanner) literal() (token, error) {
	start := s.at
	var meant strings.Builder
	for i := start + 1; i < len(s.text); i++ {
		switch c := s.text[i]; c {
		case '"':
			s.at = i + 1
			return token{textToken, start, s.at, meant.String()}, nil
		case '\\':
			if i+1 < len(s.text) {
				if escaped := unescape(s.text[i+1]); escaped != 0 {
					c = escaped
					i++
				}
			}
			meant.WriteByte(c)
		default:
			meant.WriteByte(c)
		}
	}
	return token{}, s.fail(start, start+1, "The text has no end: a double quote is missing.")
}

func unescape(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case 'n':
		return '\n'
	case 't':
		return '\t'
	}
	return 0
}

func (s *scanner) placeholder() (token, error) {
	start := s.at
	n := strings.Index(s.text[start:], "}}")
	if n < 0 {
		return token{}, s.fail(start, start+2, "The property has no end: “}}” is missing.")
	}
	s.at = start + n + 2
	return token{placeholderToken, start, s.at, s.text[start+2 : start+n]}, nil
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// nameLength returns how many bytes of s are a name, 0 when it does not begin with one.
func nameLength(s string) int {
	for i, r := range s {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case i > 0 && (unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return i
		}
	}
	return len(s)
}
