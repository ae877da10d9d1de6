package api

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

// What people have written is no business of those who run the server. A redacted request
// keeps its shape, so that it meets the same checks when it is made again: keys, ids, the
// words of the API under the keys of structureKeys, true, false and null stay; other texts are
// masked at their length, other numbers are 0. Dates, addresses and e-mails become others of
// their kind. Tokens are masked wherever they stand, also in requests that are shown whole.

// structureKeys are the keys, in bodies and queries, whose values say what is asked for and
// not what somebody wrote.
var structureKeys = []string{
	"archived", "block_id", "color", "condition", "content_type", "database_id", "direction", "display_name_type",
	"erase_content", "file_upload_id", "filter_properties", "filter_properties[]", "format", "function", "id", "in_trash",
	"include_transcript", "is_archived", "is_locked", "language", "markdown_version", "mode", "number_of_parts", "object",
	"operator", "page_id", "page_size", "part_number", "position", "property", "result_type", "start_cursor", "status_filter",
	"synced_property_id", "synced_property_name", "table_width", "timestamp", "timezone", "type", "value_type", "version",
}

var (
	// word is what the API has for names of its own, ids and cursors; property names, which
	// stand under property, may be any text.
	word = regexp.MustCompile(`^[A-Za-z0-9_.:/+%=~-]{1,100}$`)
	// secretText is a token of any kind, or the signature of a link, wherever it stands.
	secretText = regexp.MustCompile(`\b(?:(?:ntn|secret|nrt|adm|inv|ses|octavo)_[A-Za-z0-9_-]{8,}|sig=[A-Za-z0-9_-]{16,})`)
	// secretKey is a key whose value is a secret, in whatever form.
	secretKey = regexp.MustCompile(`(?i)(?:token|secret|password|^code|^code_verifier|^sig|^signature)$`)
	// instead begins what an error message says of a value that was sent, to the end of the line.
	instead = regexp.MustCompile(`(?m)(instead was |is invalid: ).*$`)
)

// redactor masks the values of one request and remembers what they were. A whole one masks
// nothing but secrets.
type redactor struct {
	whole  bool
	masked []string
}

// value returns a value as it is shown.
func (r *redactor) value(key string, v jsonx.Value) jsonx.Value {
	switch v.Kind() {
	case jsonx.String:
		return jsonx.StringValue(r.text(key, v.Text()))
	case jsonx.Number:
		if r.whole || slices.Contains(structureKeys, key) {
			return v
		}
		return jsonx.NumberValue(0)
	case jsonx.Array:
		items := []jsonx.Value{}
		for _, item := range v.Items() {
			items = append(items, r.value(key, item))
		}
		return jsonx.ArrayValue(items...)
	case jsonx.Object:
		o := jsonx.ObjectValue()
		for _, m := range v.Members() {
			o.Set(WithoutSecrets(m.Key), r.value(m.Key, m.Value))
		}
		return o
	}
	return v
}

// text returns a string as it is shown.
func (r *redactor) text(key, s string) string {
	secret := s != "" && secretKey.MatchString(key)
	switch {
	case secret:
		r.masked = append(r.masked, s)
		return "[secret]"
	case r.whole || kept(key, s):
		return WithoutSecrets(s)
	}
	r.masked = append(r.masked, s)
	return mask(s)
}

// kept reports whether a text says nothing that somebody wrote.
func kept(key, s string) bool {
	switch {
	case s == "" || key == "property":
		return true
	case key == "emoji":
		return !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
	case slices.Contains(structureKeys, key):
		return word.MatchString(s)
	}
	_, isID := notion.ParseID(s)
	return isID
}

// mask returns another text of the same kind and, where it has no kind, of the same length.
func mask(s string) string {
	date, isDate := schema.ParseDate(s)
	switch {
	case isDate && date.Time.Hour() == 0 && len(s) == len("2000-01-01"):
		return "2000-01-01"
	case isDate:
		return "2000-01-01T00:00:00Z"
	case strings.HasPrefix(s, "https://"), strings.HasPrefix(s, "http://"):
		return "https://example.com/"
	case strings.Contains(s, "@") && !strings.ContainsAny(s, " \n"):
		return "person@example.com"
	}
	return strings.Map(func(c rune) rune {
		if c == ' ' || c == '\n' {
			return c
		}
		return 'x'
	}, s)
}

// WithoutSecrets returns a text with [secret] in place of tokens of any kind and of the signatures
// of links, wherever in it they stand.
func WithoutSecrets(s string) string { return secretText.ReplaceAllString(s, "[secret]") }

// message returns what an error says, without what was masked; of short texts, which could be
// part of anything, where they stand in quotes.
func (r *redactor) message(s string) string {
	if !r.whole {
		s = instead.ReplaceAllString(s, "$1…")
	}
	// The longest first: one may be part of another.
	slices.SortFunc(r.masked, func(a, b string) int { return len(b) - len(a) })
	const short = 4
	for _, text := range r.masked {
		if len(text) < short {
			s = strings.ReplaceAll(s, `"`+text+`"`, `"…"`)
			continue
		}
		s = strings.ReplaceAll(s, text, "…")
	}
	return WithoutSecrets(s)
}

// target returns a path with its query as it is shown. What the paths of operations begin with
// stays, and ids; of a path that an operation has, words too.
func (r *redactor) target(known bool, s string) string {
	path, query, asked := strings.Cut(s, "?")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if !r.whole && i > 2 && !kept("", part) && !(known && word.MatchString(part)) {
			parts[i] = mask(part)
		}
	}
	path = WithoutSecrets(strings.Join(parts, "/"))
	if !asked {
		return path
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		key, value, has := strings.Cut(pair, "=")
		if has {
			pairs[i] = WithoutSecrets(key) + "=" + r.text(strings.TrimSuffix(key, "%5B%5D"), value)
		}
	}
	return path + "?" + strings.Join(pairs, "&")
}
