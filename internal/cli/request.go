package cli

import (
	"net/url"

	"octavo/internal/core"
	"octavo/internal/jsonx"
)

// printAll prints a whole list.
func (r *remote) printAll(p *process, path string, columns []string) error {
	return r.printQuery(p, path, url.Values{}, columns)
}

// printAll prints a whole list of the workspace.
func (s *scoped) printAll(p *process, path string, columns []string) error {
	return s.printQuery(p, path, s.query(), columns)
}

func (r *remote) printQuery(p *process, path string, q url.Values, columns []string) error {
	list, err := r.list(p, path, q)
	if err != nil {
		return err
	}
	return r.showList(p, list, columns...)
}

// printOne sends a request about the workspace and prints the object it answers with.
func (s *scoped) printOne(p *process, method, path string, b jsonx.Value, columns []string) error {
	return s.printAnswer(p, method, path, s.query(), b, columns)
}

func (r *remote) printAnswer(p *process, method, path string, q url.Values, b jsonx.Value, columns []string) error {
	v, err := r.call(p, method, path, q, b)
	if err != nil {
		return err
	}
	return r.show(p, v, columns...)
}

// body makes an object of keys and strings.
func body(pairs ...string) jsonx.Value {
	b := jsonx.ObjectValue()
	for i := 0; i < len(pairs); i += 2 {
		b.Set(pairs[i], jsonx.StringValue(pairs[i+1]))
	}
	return b
}

func flagBody(key string, value bool) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M(key, jsonx.BoolValue(value)))
}

// setText sets a string that was given.
func setText(b jsonx.Value, key string, s *string) {
	if s != nil {
		b.Set(key, jsonx.StringValue(*s))
	}
}

// setTexts sets a list of strings that was given.
func setTexts(b jsonx.Value, key string, list []string) {
	if len(list) == 0 {
		return
	}
	items := make([]jsonx.Value, len(list))
	for i, s := range list {
		items[i] = jsonx.StringValue(s)
	}
	b.Set(key, jsonx.ArrayValue(items...))
}

// setCapabilities sets the capabilities that were given. The words all and none stand for
// every one and for no one, which a list of names cannot say.
func setCapabilities(b jsonx.Value, names []string) {
	if len(names) == 0 {
		return
	}
	if len(names) == 1 && names[0] == "all" {
		names = core.AllCapabilities.Names()
	}
	if len(names) == 1 && names[0] == "none" {
		names = nil
	}
	items := []jsonx.Value{}
	for _, name := range names {
		items = append(items, jsonx.StringValue(name))
	}
	b.Set("capabilities", jsonx.ArrayValue(items...))
}

// segment is an id as a part of a path, whatever was typed.
func segment(id string) string { return url.PathEscape(id) }
