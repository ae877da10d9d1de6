package main

import (
	"math/rand/v2"
	"strings"
	"time"
)

// row is a row before it is written in the words of one API.
type row struct {
	Name, Notes, Code, Link, Mail, Phone string
	Amount                               int
	Score                                float64
	Done                                 bool
	Due, Start                           time.Time
	Kind, State                          string
	Tags                                 []string
}

// The options of the properties that have some.
var (
	kinds  = []string{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"}
	tags   = []string{"t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"}
	states = []string{"Not started", "In progress", "Done"}
)

var words = strings.Fields("alpha river stone seven window garden paper north cloud engine amber silver quiet winter bridge copper meadow lantern harbor violet")

// newRow draws the row of a number; it is the same for every server and in every run.
func newRow(i int) *row {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	phrase := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = words[r.IntN(len(words))]
		}
		return strings.Join(list, " ")
	}
	number := func(n, digits int) string {
		text := make([]byte, digits)
		for i := range text {
			text[digits-1-i] = byte('0' + n%10)
			n /= 10
		}
		return string(text)
	}
	due := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(730)-365)
	n := strings.TrimLeft(number(i, 9), "0")
	return &row{
		Name: phrase(3) + " " + n, Notes: phrase(40), Code: "c-" + number(r.IntN(1e8), 8),
		Link: "https://example.com/" + n + "/" + phrase(1), Mail: "user" + n + "@example.com", Phone: "+49 " + number(r.IntN(1e9), 9),
		Amount: r.IntN(1000), Score: float64(r.IntN(1e7)) / 1e4, Done: r.IntN(2) == 0,
		Due: due, Start: due.Add(-time.Duration(r.IntN(1e6)) * time.Second).Truncate(time.Minute),
		Kind: kinds[r.IntN(len(kinds))], State: states[r.IntN(len(states))],
		Tags: []string{tags[r.IntN(4)], tags[4+r.IntN(4)]},
	}
}

// query is a query in the words of both APIs: the body of a request, and the filter and sort
// of a list.
type query struct {
	name, body   string
	filter, sort string
}

// byRowID is how PocketBase is asked for the order that is Octavo's without sorts.
const byRowID = "-@rowid"

var queries = []query{
	{"everything", `{}`, "", byRowID},
	{"two filters, sorted by a date",
		`{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"Amount","number":{"greater_than":500}}]},"sorts":[{"property":"Due","direction":"descending"}]}`,
		"kind='k3' && amount>500", "-due"},
	{"two filters, 1 % pass, sorted by a number",
		`{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"Amount","number":{"less_than":100}}]},"sorts":[{"property":"Score","direction":"ascending"}]}`,
		"kind='k3' && amount<100", "score"},
	{"two filters, half pass, sorted by text",
		`{"filter":{"and":[{"property":"Done","checkbox":{"equals":true}},{"property":"Amount","number":{"greater_than":10}}]},"sorts":[{"property":"Name","direction":"ascending"}]}`,
		"done=true && amount>10", "name"},
	{"two filters, default order",
		`{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"State","status":{"equals":"Done"}}]}}`,
		"kind='k3' && state='Done'", byRowID},
	{"selective filter", `{"filter":{"property":"Mail","email":{"equals":"user471@example.com"}}}`, "mail='user471@example.com'", byRowID},
	{"nothing passes", `{"filter":{"property":"Amount","number":{"greater_than":1000}}}`, "amount>1000", byRowID},
	{"nothing passes both",
		`{"filter":{"and":[{"property":"Amount","number":{"greater_than":900}},{"property":"Amount","number":{"less_than":100}}]}}`,
		"amount>900 && amount<100", byRowID},
	{"sorted by option", `{"sorts":[{"property":"Kind","direction":"ascending"}]}`, "", "kind"},
	{"text contains", `{"filter":{"property":"Name","title":{"contains":"harbor 99"}}}`, "name~'harbor 99'", byRowID},
	{"edited today",
		`{"filter":{"timestamp":"last_edited_time","last_edited_time":{"on_or_after":"today"}},"sorts":[{"timestamp":"last_edited_time","direction":"descending"}]}`,
		"updated>=@todayStart", "-updated"},
	{"not equal, sorted by a number",
		`{"filter":{"property":"Kind","select":{"does_not_equal":"k3"}},"sorts":[{"property":"Score","direction":"descending"}]}`,
		"kind!='k3'", "-score"},
}
