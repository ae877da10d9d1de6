package apierr_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"octavo/internal/apierr"
)

func TestTable(t *testing.T) {
	seen := map[apierr.Code]bool{}
	for _, r := range apierr.Table {
		if seen[r.Code] {
			t.Errorf("%s stands twice", r.Code)
		}
		seen[r.Code] = true
		if r.Status < 400 || r.Status > 599 || r.Message == "" || r.Cause == "" {
			t.Errorf("%s: incomplete row %+v", r.Code, r)
		}
		e := apierr.New(r.Code)
		want := fmt.Sprintf(`{"object":"error","status":%d,"code":%q,"message":`, r.Status, r.Code)
		if got := string(e.AppendJSON(nil)); len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%s: %s", r.Code, got)
		}
	}
}

func TestAdditionalDataComesLast(t *testing.T) {
	e := apierr.Errorf(apierr.ObjectNotFound, "Could not find %q.", "x").With("integration_id", "i").With("b", "2")
	want := `{"object":"error","status":404,"code":"object_not_found","message":"Could not find \"x\".","additional_data":{"integration_id":"i","b":"2"}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFrom(t *testing.T) {
	own := apierr.New(apierr.ConflictError)
	cases := []struct {
		err  error
		want apierr.Code
	}{
		{own, apierr.ConflictError},
		{fmt.Errorf("wrapped: %w", own), apierr.ConflictError},
		{fmt.Errorf("slow: %w", context.DeadlineExceeded), apierr.ServiceUnavailable},
		{errors.New("sql: secret detail"), apierr.InternalServerError},
	}
	for _, c := range cases {
		got := apierr.From(c.err)
		if got.Code != c.want {
			t.Errorf("From(%v) = %s, want %s", c.err, got.Code, c.want)
		}
	}
	if e := apierr.From(errors.New("sql: secret detail")); e.Message != "Unexpected error occurred." {
		t.Errorf("a cause leaked into the message: %s", e.Message)
	}
}
