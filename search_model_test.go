package octavo_test

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// What follows says what a search answers, written from databases.md §7 in the plainest way:
// every page and data source is looked at, one after the other. It shares nothing with the
// server.

// searchNode is a page, database or data source.
type searchNode struct {
	id      string
	kind    string // page, database or data_source
	parent  *searchNode
	title   []string // words, each as it was drawn
	born    int
	edited  time.Time
	trashed bool
	// templateOf is the data source that the page is a template of.
	templateOf *searchNode
}

// searchWords are words by what they have in common: those of one line find each other.
var searchWords = [][]string{
	{"Test", "tests", "TESTING", "tested"},
	{"wiki", "Wiki", "WIKIS"},
	{"DB", "db", "ｄｂ"},
	{"DBs"},
	{"running", "Runs", "run"},
	{"Straße", "STRASSE"},
	{"Ünïcode", "ÜNÏCODE"},
	{"Unicode"},
	{"x_y", "X_Y"},
	{"x"},
	{"3.14"},
	{"東京"},
	{"🎉"},
	{"Ada's", "Ada’s", "ada"},
	{"only"},
}

// searchJoints are what may stand between words.
var searchJoints = []string{" ", ", ", "/", " – ", " (", ") ", "-", "…", "\t"}

// searchModel knows a workspace.
type searchModel struct {
	nodes []*searchNode
	// shares are the nodes shared with a token, by token; a token that is not in it sees all.
	shares map[string][]*searchNode
}

// searchAsk is one search.
type searchAsk struct {
	token string
	// words are lines of searchWords; nil asks for everything.
	words          []int
	kind           string
	trash          bool
	oldest, byMost bool
	databases      bool // shown in place of their only data source
	noneAtAll      bool
}

// answer returns what is found, in order.
func (m *searchModel) answer(ask searchAsk) []*searchNode {
	var found []*searchNode
	for _, n := range m.nodes {
		if n.kind == "database" || ask.kind != "" && ask.kind != n.kind || n.inTrash() != ask.trash || n.isTemplate() || !m.sees(ask.token, n) {
			continue
		}
		if ask.noneAtAll || len(ask.words) > 0 && n.common(ask.words) == 0 {
			continue
		}
		if ask.databases && n.kind == "data_source" && len(m.sourcesOf(n.parent)) != 1 {
			continue
		}
		found = append(found, n)
	}
	slices.SortFunc(found, func(a, b *searchNode) int {
		if ask.byMost {
			if d := b.common(ask.words) - a.common(ask.words); d != 0 {
				return d
			}
		}
		if ask.oldest {
			a, b = b, a
		}
		return cmp.Or(b.edited.Compare(a.edited), cmp.Compare(b.born, a.born))
	})
	return found
}

func (n *searchNode) inTrash() bool {
	return n.trashed || n.parent != nil && n.parent.inTrash()
}

// isTemplate reports whether the page is a row of what it is a template of.
func (n *searchNode) isTemplate() bool { return n.templateOf != nil && n.templateOf == n.parent }

func (m *searchModel) sees(token string, n *searchNode) bool {
	shares, limited := m.shares[token]
	if !limited {
		return true
	}
	for ; n != nil; n = n.parent {
		if slices.Contains(shares, n) {
			return true
		}
	}
	return false
}

func (m *searchModel) sourcesOf(database *searchNode) []*searchNode {
	var sources []*searchNode
	for _, n := range m.nodes {
		if n.kind == "data_source" && n.parent == database {
			sources = append(sources, n)
		}
	}
	return sources
}

// common counts the lines of words that a title has a word of.
func (n *searchNode) common(lines []int) int {
	count := 0
	for i, line := range lines {
		has := slices.ContainsFunc(n.title, func(w string) bool { return slices.Contains(searchWords[line], w) })
		if has && !slices.Contains(lines[:i], line) {
			count++
		}
	}
	return count
}

func (n *searchNode) within(other *searchNode) bool {
	return n != nil && (n == other || n.parent.within(other))
}

func (n *searchNode) String() string { return n.kind + " " + strings.Join(n.title, "|") }
