package octavo_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"octavo/internal/api"
	"octavo/internal/apierr"
	"octavo/internal/property"
	"octavo/internal/version"
)

// TestDocs holds the generated parts of the documents against the code. With -update it
// writes them.
func TestDocs(t *testing.T) {
	sameText(t, "docs/versions.md", func(string) string { return versionsPage() })
	sameText(t, "README.md", func(old string) string {
		old = between(t, old, "operations", operationsTable())
		old = between(t, old, "properties", propertiesTable(t))
		return between(t, old, "errors", errorsTable())
	})
}

func sameText(t *testing.T, file string, render func(old string) string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	want := render(string(data))
	if want == string(data) {
		return
	}
	if !*update {
		t.Errorf("%s does not say what the code says; `make docs` writes it", file)
		return
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces what stands between <!-- name --> and the next <!-- end -->.
func between(t *testing.T, text, name, part string) string {
	head, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, tail, closed := strings.Cut(rest, "<!-- end -->")
	if !ok || !closed {
		t.Fatalf("no place for %s", name)
	}
	return head + "<!-- " + name + " -->\n" + part + "<!-- end -->" + tail
}

func operationsTable() string {
	var b strings.Builder
	b.WriteString("| operation | SDK | |\n|---|---|---|\n")
	for _, o := range api.Operations() {
		sdk := ""
		if o.SDK != "" {
			sdk = "`" + o.SDK + "`"
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", o.Method, o.Path, sdk, o.Standing)
	}
	return b.String()
}

func errorsTable() string {
	var b strings.Builder
	b.WriteString("| status | code | real cause |\n|---|---|---|\n")
	for _, r := range apierr.Table {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", r.Status, r.Code, r.Cause)
	}
	return b.String()
}

// sorts says what each order goes by.
var sorts = map[property.Sort]string{
	property.Unsorted: "–", property.SortByText: "text", property.SortByNumber: "number", property.SortByCheckbox: "ticked or not",
	property.SortByTime: "time", property.SortByOption: "order of the options", property.SortByUserName: "name of the first",
	property.SortByPageTitle: "title of the first", property.SortByResult: "result",
}

// propertiesTable lists the types of properties, those that only the SDK names last.
func propertiesTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| type | in a schema | in a row | kinds of filter | sorted by |\n|---|---|---|---|---|\n")
	for _, p := range property.Types {
		schema, value, filters := "made and changed", "written", "–"
		switch {
		case p.Name == "title":
			schema = "one in each data source"
		case p.Config == nil:
			schema = "known; no request makes one"
		}
		switch {
		case p.Computed() && len(p.Filters) == 0:
			value = "shown, without a value"
		case p.Computed():
			value = "computed"
		}
		if len(p.Filters) > 0 {
			filters = "`" + strings.Join(p.Filters, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", p.Name, schema, value, filters, sorts[p.Sort])
	}
	var sdk struct {
		Configs []string `json:"property_config_request_types"`
	}
	data, err := os.ReadFile("testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &sdk); err != nil || len(sdk.Configs) == 0 {
		t.Fatal("no types in the SDK's list", err)
	}
	for _, name := range sdk.Configs {
		if property.Lookup(name) == nil {
			fmt.Fprintf(&b, "| `%s` | refused: nothing is known of it but the name | – | – | – |\n", name)
		}
	}
	return b.String()
}

func versionsPage() string {
	var b strings.Builder
	b.WriteString("# Versions of the API\n\nGenerated from `internal/version`; `make docs` writes it. A request names its version in the\n`Notion-Version` header; it is checked against that version's schema, carried out at the newest, and\nanswered in that version's shape.\n")
	for i := len(version.All) - 1; i >= 0; i-- {
		v := version.All[i]
		fmt.Fprintf(&b, "\n## %s\n\n", v)
		changed := false
		for _, c := range version.Changes {
			if c.Since == v {
				fmt.Fprintf(&b, "- %s\n", c.Sentence)
				changed = true
			}
		}
		if !changed {
			b.WriteString("Nothing that touches what is served so far.\n")
		}
	}
	return b.String()
}

// TestEveryOperationIsKnown compares the route table with the operations of the official
// SDK: none may be missing, so that none is answered as if it did not exist.
func TestEveryOperationIsKnown(t *testing.T) {
	var sdk struct {
		Operations []struct {
			Method, Path string
			SDKMethods   []string `json:"sdk_methods"`
		}
	}
	data, err := os.ReadFile("testdata/sdk_operations.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &sdk); err != nil {
		t.Fatal(err)
	}
	if len(sdk.Operations) == 0 {
		t.Fatal("the SDK has no operations")
	}
	known := map[string]string{}
	for _, o := range api.Operations() {
		known[o.Method+" "+o.Path] = o.SDK
	}
	for _, o := range sdk.Operations {
		name, ok := known[o.Method+" "+o.Path]
		if !ok {
			t.Errorf("%s %s is not in the route table", o.Method, o.Path)
		}
		if want := strings.Join(o.SDKMethods, ", "); name != want {
			t.Errorf("%s %s is called %q by the SDK, %q in the route table", o.Method, o.Path, want, name)
		}
	}
}

// routeOf returns the route table's path for a path as it was sent.
func routeOf(method, path string) string {
	best := ""
	parts := strings.Split(strings.Trim(path, "/"), "/")
next:
	for _, o := range api.Operations() {
		route := strings.Split(strings.Trim(o.Path, "/"), "/")
		if o.Method != method || len(route) != len(parts) {
			continue
		}
		for i := range route {
			if !strings.HasPrefix(route[i], "{") && route[i] != parts[i] {
				continue next
			}
		}
		if best == "" || !strings.Contains(o.Path, "{") {
			best = o.Path
		}
	}
	return best
}
