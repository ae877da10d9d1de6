package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"octavo/internal/jsonx"
)

// show prints one object: its columns one below the other, or JSON.
func (r *remote) show(p *process, v jsonx.Value, columns ...string) error {
	if r.JSON {
		return printJSON(p.stdout, v)
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, c := range columns {
		fmt.Fprintf(w, "%s\t%s\n", c, cell(v.Get(c)))
	}
	return w.Flush()
}

// showList prints objects as the rows of a table, or as a JSON array.
func (r *remote) showList(p *process, list []jsonx.Value, columns ...string) error {
	if r.JSON {
		return printJSON(p.stdout, jsonx.ArrayValue(list...))
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ToUpper(strings.Join(columns, "\t")))
	for _, v := range list {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = cell(v.Get(c))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// cell is a value as people read it.
func cell(v jsonx.Value) string {
	switch v.Kind() {
	case jsonx.Undefined, jsonx.Null:
		return "-"
	case jsonx.Bool:
		if v.True() {
			return "yes"
		}
		return "no"
	case jsonx.Array:
		var items []string
		for _, item := range v.Items() {
			items = append(items, cell(item))
		}
		if items == nil {
			return "-"
		}
		return strings.Join(items, ",")
	case jsonx.String:
		return printable(v.Text())
	}
	return v.String()
}

// printable is text without control characters, which could disturb the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}

func printJSON(w io.Writer, v jsonx.Value) error {
	text, err := json.MarshalIndent(json.RawMessage(v.Append(nil)), "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, string(text))
	return err
}
