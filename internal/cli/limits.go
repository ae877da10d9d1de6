package cli

import (
	"net/http"

	"octavo/internal/jsonx"
)

var limitColumns = []string{
	"profile", "rate_limit", "max_query_rows", "request_timeout", "max_in_flight", "max_body", "max_blocks", "max_upload", "max_part", "unbounded",
}

type limitsShow struct{ remote }

// Run shows the limits.
func (c *limitsShow) Run(p *process) error {
	return c.printAnswer(p, http.MethodGet, "limits", nil, jsonx.Value{}, limitColumns)
}

type limitsSet struct {
	remote
	RateLimit    perMinute `placeholder:"N" help:"Requests a minute that each connection may make, 0 for no limit."`
	MaxQueryRows rowLimit  `placeholder:"N" help:"Rows that a query of a data source answers with on all its pages together, 0 for no limit."`
}

// Run changes limits.
func (c *limitsSet) Run(p *process) error {
	b := body()
	for _, limit := range []struct {
		key   string
		value int
	}{{"rate_limit", int(c.RateLimit)}, {"max_query_rows", int(c.MaxQueryRows)}} {
		if limit.value != 0 { // which is not given; no limit is -1
			b.Set(limit.key, jsonx.NumberValue(float64(max(limit.value, 0))))
		}
	}
	return c.printAnswer(p, http.MethodPatch, "limits", nil, b, limitColumns)
}
