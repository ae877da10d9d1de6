package webhook

import (
	"testing"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// TestHandshake is the vector of services.md §4.1.
func TestHandshake(t *testing.T) {
	const token = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
	body := Verification(token)
	if want := `{"verification_token":"` + token + `"}`; string(body) != want {
		t.Errorf("the body is %s", body)
	}
	const want = "sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735"
	if got := Sign(body, token); got != want {
		t.Errorf("signed %s, want %s", got, want)
	}
}

func TestEvent(t *testing.T) {
	id := func(n byte) notion.ID { return notion.ID{6: 0x80, 8: 0x80, 15: n} }
	e := Event{
		ID: id(1), Time: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600)), WorkspaceID: id(2), WorkspaceName: `A "B"`,
		Subscription: id(3), Integration: id(4), Type: "page.moved", Authors: []Actor{{id(5), "person"}, {id(6), "bot"}},
		APIVersion: "2026-03-11", EntityID: id(7), EntityType: "page", Data: jsonx.ObjectValue(jsonx.M("x", jsonx.NullValue)),
	}
	const head = `{"id":"00000000-0000-8000-8000-000000000001","timestamp":"2026-01-02T02:04:05.678Z",` +
		`"workspace_id":"00000000-0000-8000-8000-000000000002","workspace_name":"A \"B\"",` +
		`"subscription_id":"00000000-0000-8000-8000-000000000003","integration_id":"00000000-0000-8000-8000-000000000004",` +
		`"type":"page.moved","authors":[{"id":"00000000-0000-8000-8000-000000000005","type":"person"},{"id":"00000000-0000-8000-8000-000000000006","type":"bot"}],`
	const tail = `"api_version":"2026-03-11","entity":{"id":"00000000-0000-8000-8000-000000000007","type":"page"}`
	if got, want := string(e.Append(nil)), head+`"attempt_number":1,`+tail+`,"data":{"x":null}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	first := e.Append(nil)
	third, err := withAttempt(first, 3)
	if want := head + `"attempt_number":3,` + tail + `,"data":{"x":null}}`; string(third) != want || err != nil {
		t.Errorf("the third attempt is %s, %v", third, err)
	}
	e.AccessibleBy, e.Data = []Actor{{id(5), "person"}}, jsonx.Value{}
	if got, want := string(e.Append(nil)), head+`"accessible_by":[{"id":"00000000-0000-8000-8000-000000000005","type":"person"}],"attempt_number":1,`+tail+"}"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPauses: eight attempts, each later than the one before, the last about a day after
// the first, and events that fail together do not come back together.
func TestPauses(t *testing.T) {
	differ := false
	var first time.Duration
	for n := range byte(50) {
		event := notion.ID{15: n}
		total, last := time.Duration(0), time.Duration(0)
		for attempt := 1; attempt < MaxAttempts; attempt++ {
			pause, ok := Pause(event, attempt)
			if !ok || pause <= last {
				t.Fatalf("after attempt %d: %s, %v", attempt, pause, ok)
			}
			if base := pauses[attempt-1]; pause < base*9/10 || pause > base*11/10 {
				t.Errorf("after attempt %d: %s, more than a tenth from %s", attempt, pause, base)
			}
			total, last = total+pause, pause
		}
		if total < 22*time.Hour || total > 26*time.Hour {
			t.Errorf("the last attempt is after %s", total)
		}
		if n > 0 && total != first {
			differ = true
		}
		first = total
	}
	if !differ {
		t.Error("all events wait for the same time")
	}
	for _, attempt := range []int{0, MaxAttempts, MaxAttempts + 1} {
		if _, ok := Pause(notion.ID{}, attempt); ok {
			t.Errorf("there is an attempt after number %d", attempt)
		}
	}
}
