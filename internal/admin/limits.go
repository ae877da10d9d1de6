package admin

import (
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/ratelimit"
)

// Limits are what requests of the API are held to. The rate limit is the limiter's, and how
// many rows a query answers with is the core's: these two can change while the server runs.
type Limits struct {
	Profile string
	Limiter *ratelimit.Limiter

	RequestTimeout time.Duration
	MaxInFlight    int
	// MaxBody, MaxUpload and MaxPart are in bytes.
	MaxBody, MaxUpload, MaxPart int64
	// MaxBlocks is zero when there is no limit.
	MaxBlocks int
	Unbounded bool
}

func getLimits(a *Admin, _ *call) (jsonx.Value, error) { return a.limitsValue(), nil }

func updateLimits(a *Admin, c *call) (jsonx.Value, error) {
	rate, err := wholeOf("body", c.body, "rate_limit")
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := wholeOf("body", c.body, "max_query_rows")
	if err != nil {
		return jsonx.Value{}, err
	}
	if c.body.Has("rate_limit") {
		a.opts.Limits.Limiter.SetLimit(rate)
	}
	if c.body.Has("max_query_rows") {
		a.opts.Core.SetMaxRows(rows)
	}
	return a.limitsValue(), nil
}

func (a *Admin) limitsValue() jsonx.Value {
	l := &a.opts.Limits
	return tagged("limits",
		jsonx.M("profile", jsonx.StringValue(l.Profile)),
		jsonx.M("rate_limit", wholeOrNull(l.Limiter.Limit())),
		jsonx.M("max_query_rows", wholeOrNull(a.opts.Core.MaxRows())),
		jsonx.M("request_timeout", jsonx.StringValue(l.RequestTimeout.String())),
		jsonx.M("max_in_flight", wholeValue(int64(l.MaxInFlight))),
		jsonx.M("max_body", wholeValue(l.MaxBody)),
		jsonx.M("max_blocks", wholeOrNull(l.MaxBlocks)),
		jsonx.M("max_upload", wholeValue(l.MaxUpload)),
		jsonx.M("max_part", wholeValue(l.MaxPart)),
		jsonx.M("unbounded", jsonx.BoolValue(l.Unbounded)),
	)
}

// wholeOrNull is a limit; zero is none.
func wholeOrNull(n int) jsonx.Value {
	if n == 0 {
		return jsonx.NullValue
	}
	return wholeValue(int64(n))
}
