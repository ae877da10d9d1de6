package api

import (
	"strconv"
	"testing"

	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/version"
)

func TestAnswers(t *testing.T) {
	var a answers
	one, two := &core.Principal{}, &core.Principal{}
	q := question{principal: one, version: version.Latest, path: "/v1/pages/x"}
	if a.get(q, 1) != nil {
		t.Error("an answer to what was never asked")
	}
	a.put(q, 1, notion.Raw(`{}`))
	if got := a.get(q, 1); string(got) != "{}" {
		t.Errorf("got %s", got)
	}
	for name, other := range map[string]question{
		"principal": {two, q.version, q.path, q.query},
		"version":   {q.principal, version.V20250903, q.path, q.query},
		"path":      {q.principal, q.version, "/v1/pages/y", q.query},
		"query":     {q.principal, q.version, q.path, "page_size=1"},
	} {
		if a.get(other, 1) != nil {
			t.Errorf("another %s has the same answer", name)
		}
	}
	if a.get(q, 2) != nil {
		t.Error("the answer outlived a write")
	}
}

// TestAnswersAreBounded: what is asked for again and again stays, memory does not grow.
func TestAnswersAreBounded(t *testing.T) {
	var a answers
	at := func(i int) question { return question{path: strconv.Itoa(i)} }
	body := notion.Raw(make([]byte, 10_000))
	a.put(at(0), 1, body)
	const many = 10 * maxAnswers / 10_000
	for i := 1; i < many; i++ {
		a.put(at(i), 1, body)
		if a.get(at(0), 1) == nil {
			t.Fatalf("what is asked for all the time was forgotten after %d others", i)
		}
	}
	if kept := (len(a.young) + len(a.old)) * len(body); kept > maxAnswers {
		t.Errorf("%d bytes are kept", kept)
	}
	if a.get(at(1), 1) != nil {
		t.Error("what was never asked for again is still there")
	}
	a.put(at(-1), 1, make(notion.Raw, maxAnswers))
	if a.get(at(-1), 1) != nil {
		t.Error("an answer that would displace all others is kept")
	}
}
