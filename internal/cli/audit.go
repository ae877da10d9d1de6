package cli

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
)

var auditColumns = []string{"id", "time", "actor", "action", "target_id", "status", "code"}

// most is how long a list may be.
type most struct {
	Limit int `short:"n" default:"100" placeholder:"N" help:"How many at most, 0 for all. Default: ${default}."`
}

// moment is a time in the past, in the form the server reads.
type moment string

// UnmarshalText reads how long ago, or a date.
func (m *moment) UnmarshalText(text []byte) error {
	s := string(text)
	if d, ok := span(s); ok {
		s = clock.System{}.Now().Add(-d).Format(time.RFC3339)
	}
	*m = moment(s)
	return nil
}

// spell is a duration, which may be in days, in the form the server reads.
type spell string

// UnmarshalText reads a duration.
func (s *spell) UnmarshalText(text []byte) error {
	*s = spell(text)
	if d, ok := span(string(text)); ok {
		*s = spell(d.String())
	}
	return nil
}

// span reads a duration, which may be in days.
func span(s string) (time.Duration, bool) {
	if days, isDays := strings.CutSuffix(s, "d"); isDays {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, true
		}
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// set puts texts that were given into a query.
func set(q url.Values, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
}

type auditList struct {
	remote
	most
	Workspace string `placeholder:"ID" help:"Only what was about this workspace."`
	Target    string `placeholder:"ID" help:"Only what was about this object."`
	Action    string `placeholder:"NAME" help:"Only this operation, such as create_token."`
	By        string `placeholder:"NAME" help:"Only what this actor did."`
	Since     moment `placeholder:"WHEN" help:"Only from then on: 7d or 12h ago, or a date such as 2027-01-31."`
	Until     moment `placeholder:"WHEN" help:"Only before then."`
}

// Run lists what was done.
func (c *auditList) Run(p *process) error {
	q := url.Values{}
	set(q, "workspace_id", c.Workspace, "target_id", c.Target, "action", c.Action, "actor", c.By,
		"since", string(c.Since), "until", string(c.Until))
	list, err := c.some(p, "audit", q, c.Limit)
	if err != nil {
		return err
	}
	return c.showList(p, list, auditColumns...)
}

type auditShow struct {
	remote
	ID string `arg:"" help:"Id of the entry."`
}

// Run shows an entry.
func (c *auditShow) Run(p *process) error {
	return c.printAnswer(p, http.MethodGet, "audit/"+segment(c.ID), nil, jsonx.Value{},
		append(auditColumns, "workspace_id", "address", "client", "parameters"))
}
