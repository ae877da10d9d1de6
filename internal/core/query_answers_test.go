package core

import (
	"testing"
	"time"

	"octavo/internal/notion"
)

func TestQueryAnswersAreThoseOfARevision(t *testing.T) {
	var a queryAnswers
	of := asked{source: notion.ID{1}}
	first := a.get(of, 5)
	if a.get(of, 5) != first {
		t.Error("the same question at the same revision has another answer")
	}
	if a.get(asked{source: notion.ID{2}}, 5) == first {
		t.Error("another question has the same answer")
	}
	if old := a.get(of, 4); old == first || a.get(of, 5) != first {
		t.Error("an older snapshot is not on its own")
	}
	later := a.get(of, 6)
	if later == first || a.get(of, 6) != later {
		t.Error("a newer revision has no answer of its own")
	}
	a.grown(of, first)
	if a.size != 0 {
		t.Errorf("an answer that is not kept counts %d bytes", a.size)
	}
	a.grown(of, later)
	if a.size != later.Size() {
		t.Errorf("%d bytes, want %d", a.size, later.Size())
	}
}

func TestQueryAnswersAreBounded(t *testing.T) {
	var a queryAnswers
	each := a.get(asked{}, 1).Size()
	most := maxQueryAnswers / each
	for i := range most + 10 {
		of := asked{minute: int64(i)}
		a.grown(of, a.get(of, 1))
		a.get(asked{}, 1) // in use
	}
	if len(a.kept) > most+1 || a.order.Len() != len(a.kept) || a.size > maxQueryAnswers {
		t.Errorf("%d answers of %d bytes take %d, the list has %d", len(a.kept), each, a.size, a.order.Len())
	}
	if a.kept[asked{}] == nil || a.kept[asked{minute: 1}] != nil {
		t.Error("it is not the least used that go")
	}
}

func TestMinutesOfAQuestion(t *testing.T) {
	at := func(text string) (of asked) {
		now, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		of.at(now)
		return of
	}
	same := [][2]string{
		{"2026-01-02T03:04:00.000001Z", "2026-01-02T03:04:59.999999Z"},
		{"2026-01-02T03:04:00Z", "2026-01-02T03:04:00Z"},
	}
	for _, pair := range same {
		if at(pair[0]) != at(pair[1]) {
			t.Errorf("%s and %s differ", pair[0], pair[1])
		}
	}
	// At the beginning of a minute now() is another one, and right after it what ended then is over.
	order := []string{"2026-01-02T03:03:59Z", "2026-01-02T03:04:00Z", "2026-01-02T03:04:01Z", "2026-01-02T03:05:00Z"}
	for i := range order[1:] {
		if at(order[i]) == at(order[i+1]) {
			t.Errorf("%s and %s are alike", order[i], order[i+1])
		}
	}
}
