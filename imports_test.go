package octavo_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// importOrder is the reading order: a package imports only packages above it. Packages
// below one of these rank with it, "." is the package octavo, and whatever is not in the
// list (commands, benchmarks) comes last.
var importOrder = []string{
	"internal/jsonx", "internal/notion", "internal/apierr", "internal/clock", "internal/outbound", "internal/schema", "internal/version",
	"internal/richtext", "internal/formula", "internal/media", "internal/property", "internal/words", "internal/block", "internal/markdown",
	"internal/query", "internal/view", "internal/store", "internal/webhook", "internal/files", "internal/backup", "internal/core", "internal/ratelimit",
	"internal/faults", "internal/oauth", "internal/api", "internal/admin", "internal/web", ".", "internal/cli",
}

func TestPackagesImportOnlyThoseAboveThem(t *testing.T) {
	checked := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		here := path.Dir(file)
		if strings.HasPrefix(here, "internal/") && rank(here) == len(importOrder) {
			t.Errorf("%s has no place in importOrder", here)
		}
		for _, spec := range parsed.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if imported != "octavo" && !strings.HasPrefix(imported, "octavo/") {
				continue
			}
			checked++
			if !mayImport(here, path.Clean("."+strings.TrimPrefix(imported, "octavo"))) {
				t.Errorf("%s imports %s, which is not above it", file, imported)
			}
		}
		return nil
	})
	if err != nil || checked == 0 {
		t.Fatalf("checked %d imports: %v", checked, err)
	}
}

// mayImport allows what is above, and packages of one family to import each other.
func mayImport(here, there string) bool {
	return rank(there) < rank(here) || rank(there) == rank(here) && rank(here) < len(importOrder)
}

func rank(pkg string) int {
	place := slices.IndexFunc(importOrder, func(name string) bool {
		return pkg == name || strings.HasPrefix(pkg, name+"/")
	})
	if place < 0 {
		return len(importOrder)
	}
	return place
}
