package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestCommandsOfTheReadme: each command that the README writes down can be typed as it stands,
// or is at least there where it is only named.
func TestCommandsOfTheReadme(t *testing.T) {
	for _, name := range []string{"../../README.md", "../../CHANGELOG.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile("(?m)^(octavo [^\n]*)$|`(octavo [^`]*)`").FindAllStringSubmatch(strings.ReplaceAll(string(text), "\\\n", ""), -1)
		if len(lines) < 5 {
			t.Fatalf("%s has %d commands", name, len(lines))
		}
		for _, line := range lines {
			words := strings.Fields(line[1] + line[2])[1:]
			for i := range words {
				words[i] = strings.Trim(words[i], "'")
			}
			if slices.Contains(words, "--help") || line[1] == "" && onlyNamed(t, words) {
				continue
			}
			if _, err := parserOf(t).Parse(words); err != nil {
				t.Errorf("%s: octavo %s: %v", name, strings.Join(words, " "), err)
			}
		}
	}
}

// onlyNamed reports whether words are a command, or the first words of some, without what they
// take.
func onlyNamed(t *testing.T, words []string) bool {
	t.Helper()
	node := parserOf(t).Model.Node
	for _, word := range words {
		i := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == word })
		if i < 0 {
			return false
		}
		node = node.Children[i]
	}
	return true
}
