package property_test

import (
	"strings"
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/property"
)

// target is a property with the options that conversions may find.
func target(t *testing.T, typ string) *property.Property {
	t.Helper()
	option := func(id, name string) string {
		return `{"id":"` + id + `","name":"` + name + `","color":"default","description":null}`
	}
	options := `"options":[` + strings.Join([]string{option("a", "Alpha"), option("b", "Beta"), option("y", "Yes"), option("n", "No"), option("42", "42")}, ",") + `]`
	config := `{}`
	switch typ {
	case "select", "multi_select":
		config = `{` + options + `}`
	case "status":
		config = `{` + options + `,"groups":[{"id":"g","name":"To-do","color":"gray","option_ids":["b","a","y","n","42"]}]}`
	}
	s := must[*property.Schema](t)(property.ParseSchema([]byte(`[{"id":"aaaa","name":"P","type":"` + typ + `","config":` + config + `}]`)))
	return s.Find("P")
}

func TestConversions(t *testing.T) {
	text := func(s string) string { return `[` + textItem(s) + `]` }
	option := func(name string) string { return `{"id":"x","name":"` + name + `","color":"red"}` }
	chosen := func(id, name string) string { return `{"id":"` + id + `","name":"` + name + `","color":"default"}` }
	day := func(s string) string { return `{"start":"` + s + `","end":null,"time_zone":null}` }
	const person = `[{"object":"user","id":"` + ada + `"}]`
	alpha, beta, yes, no := chosen("a", "Alpha"), chosen("b", "Beta"), chosen("y", "Yes"), chosen("n", "No")
	cases := []struct{ from, stored, to, want string }{
		// to rich_text
		{"number", `42.5`, "rich_text", text("42.5")},
		{"url", `"https://x"`, "rich_text", text("https://x")},
		{"email", `"a@x"`, "rich_text", text("a@x")},
		{"select", option("Alpha"), "rich_text", text("Alpha")},
		{"multi_select", `[` + option("Alpha") + `,` + option("Beta") + `]`, "rich_text", text("Alpha,Beta")},
		{"status", option("Alpha"), "rich_text", text("Alpha")},
		{"status", ``, "rich_text", ``},
		{"date", day("2026-01-15"), "rich_text", text("2026-01-15")},
		{"date", `{"start":"2026-01-15T10:00:00.000+00:00","end":"2026-01-16T10:00:00.000+00:00","time_zone":null}`, "rich_text",
			text("2026-01-15T10:00:00.000+00:00 → 2026-01-16T10:00:00.000+00:00")},
		{"checkbox", `true`, "rich_text", text("Yes")},
		{"checkbox", ``, "rich_text", text("No")},
		{"people", person, "rich_text", `[{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + ada + `"}},` + plainStyle + `,"plain_text":"","href":null}]`},
		{"relation", `[{"id":"` + page1 + `"}]`, "rich_text", ``},
		{"files", `[{"name":"a","type":"external","external":{"url":"https://x"}}]`, "rich_text", ``},
		{"unique_id", `3`, "rich_text", ``},
		// to the short texts
		{"rich_text", text("not an address"), "url", `"not an address"`},
		{"rich_text", text("x"), "email", `"x"`},
		{"rich_text", text("x"), "phone_number", `"x"`},
		{"number", `42`, "url", `"42"`},
		{"status", option("Alpha"), "url", `"Alpha"`},
		{"status", ``, "url", ``},
		{"date", day("2026-01-15"), "url", ``},
		{"people", person, "url", ``},
		// to number
		{"rich_text", text("42 text"), "number", `42`},
		{"rich_text", text("2026-01-15"), "number", `2026`},
		{"rich_text", text(" -1.5e2x"), "number", `-150`},
		{"rich_text", text("7."), "number", `7`},
		{"rich_text", text(".5"), "number", `0.5`},
		{"rich_text", text("5e"), "number", `5`},
		{"rich_text", text("1e999"), "number", ``},
		{"rich_text", text("a 42"), "number", ``},
		{"rich_text", text("-"), "number", ``},
		{"url", `"12 https"`, "number", `12`},
		{"select", option("3rd"), "number", `3`},
		{"multi_select", `[` + option("3rd") + `]`, "number", `3`},
		{"multi_select", `[` + option("3rd") + `,` + option("4") + `]`, "number", ``},
		{"status", option("3rd"), "number", ``},
		{"date", day("2026-01-15"), "number", ``},
		{"checkbox", `true`, "number", ``},
		{"people", person, "number", ``},
		// to date
		{"rich_text", text("2026-01-15"), "date", day("2026-01-15")},
		{"rich_text", text("2026-01-15T10:30:20Z"), "date", day("2026-01-15T10:30:00.000+00:00")},
		{"rich_text", text("15/01/2026"), "date", day("2026-01-15")},
		{"rich_text", text("soon"), "date", ``},
		{"url", `"2026-01-15"`, "date", day("2026-01-15")},
		{"url", `"15/01/2026"`, "date", ``},
		{"select", option("2026-01-15"), "date", day("2026-01-15")},
		{"select", option("15/01/2026"), "date", ``},
		{"multi_select", `[` + option("2026-01-15") + `]`, "date", day("2026-01-15")},
		{"multi_select", `[` + option("2026-01-15") + `,` + option("2026-01-16") + `]`, "date", ``},
		{"number", `2026`, "date", ``},
		{"status", option("2026-01-15"), "date", ``},
		{"checkbox", `true`, "date", ``},
		{"people", person, "date", ``},
		// to checkbox and to people
		{"rich_text", text("true"), "checkbox", ``},
		{"number", `1`, "checkbox", ``},
		{"status", option("Yes"), "checkbox", ``},
		{"rich_text", text(ada), "people", ``},
		{"checkbox", `true`, "people", ``},
		{"date", day("2026-01-15"), "people", ``},
		{"number", `1`, "files", ``},
		{"rich_text", text(page1), "relation", ``},
		// to select
		{"rich_text", text("alpha, Beta"), "select", alpha},
		{"rich_text", text("gamma, Beta"), "select", ``},
		{"url", `"Beta"`, "select", beta},
		{"number", `42`, "select", chosen("42", "42")},
		{"number", `43`, "select", ``},
		{"multi_select", `[` + option("Beta") + `,` + option("Alpha") + `]`, "select", beta},
		{"multi_select", `[` + option("Gamma") + `,` + option("Alpha") + `]`, "select", ``},
		{"status", option("Alpha"), "select", alpha},
		{"status", ``, "select", ``},
		{"checkbox", `true`, "select", yes},
		{"checkbox", ``, "select", no},
		{"date", day("2026-01-15"), "select", ``},
		{"people", person, "select", ``},
		// to multi_select
		{"rich_text", text("Beta, gamma,alpha,BETA"), "multi_select", `[` + beta + `,` + alpha + `]`},
		{"url", `"Alpha,Beta"`, "multi_select", `[` + alpha + `,` + beta + `]`},
		{"number", `42`, "multi_select", `[` + chosen("42", "42") + `]`},
		{"select", option("Beta"), "multi_select", `[` + beta + `]`},
		{"select", option("Gamma"), "multi_select", ``},
		{"status", option("Alpha"), "multi_select", `[` + alpha + `]`},
		{"checkbox", `true`, "multi_select", `[` + yes + `]`},
		{"date", day("2026-01-15"), "multi_select", ``},
		// to status: what is not declared reads as the default
		{"rich_text", text("Alpha"), "status", alpha},
		{"rich_text", text("Gamma"), "status", ``},
		{"select", option("Beta"), "status", beta},
		{"number", `42`, "status", chosen("42", "42")},
		{"checkbox", ``, "status", no},
		{"date", day("2026-01-15"), "status", ``},
	}
	for _, c := range cases {
		stored := jsonx.Value{}
		if c.stored != "" {
			stored = must[jsonx.Value](t)(jsonx.Parse([]byte(c.stored)))
		}
		to := target(t, c.to)
		got := property.Convert(target(t, c.from), to, stored)
		if got.String() != c.want {
			t.Errorf("%s %s to %s:\ngot  %s\nwant %s", c.from, c.stored, c.to, got, c.want)
		}
		if c.to == "status" && c.want == "" && to.Show(got).Get("name").Text() != "Beta" {
			t.Errorf("%s to status shows %s, not the default", c.from, to.Show(got))
		}
	}
}

// No pair of types panics on any value of the one, and what comes out is a value that the
// other shows and indexes.
func TestEveryConversion(t *testing.T) {
	s := everyType(t)
	for _, c := range wrote {
		d := must[*property.Decoded](t)(write(s, writer(), `{"`+c.key+`":{"`+c.key+`":`+c.sent+`}}`))
		for _, to := range s.Properties() {
			v := property.Convert(d.Values[0].Property, to, d.Values[0].Stored)
			to.Show(v)
			to.Cells(v)
			if to.Type.Computed() && v.Defined() {
				t.Errorf("%s %s became a %s: %s", c.key, c.sent, to.Type.Name, v)
			}
		}
	}
}
