package faults

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// The bounds of what a fault may ask for.
const (
	MaxLatency    = 10 * time.Minute
	MaxRetryAfter = time.Hour
	MaxMessage    = 1000 // bytes
)

// methods are the ones that operations of the API have.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}

// TokenMatch recognises one token without keeping it.
type TokenMatch struct {
	hash [sha256.Size]byte
	// Shown is how the token is shown in lists: its last four characters. It is "" when
	// every token matches.
	Shown string
}

// MatchToken returns the match of one token, for "" the match of every token.
func MatchToken(token string) TokenMatch {
	if token == "" {
		return TokenMatch{}
	}
	return TokenMatch{sha256.Sum256([]byte(token)), "…" + token[max(0, len(token)-4):]}
}

func (m TokenMatch) matches(h http.Header) bool {
	if m.Shown == "" {
		return true
	}
	_, token, _ := strings.Cut(h.Get("Authorization"), " ")
	hash := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(hash[:], m.hash[:]) == 1
}

// ParseHeader reads the values of an Octavo-Fault header: a code of the error table,
// which may be left out, and parameters behind semicolons, such as
//
//	rate_limited; retry_after=2; latency=250ms; cut=mid_body; after_commit=true
//
// What it cannot read is a validation_error.
func ParseHeader(values []string) (Fault, error) {
	if len(values) != 1 {
		return Fault{}, badHeader("should be given once")
	}
	var f Fault
	var seen []string
	for i, part := range strings.Split(values[0], ";") {
		key, value, isParameter := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !isParameter {
			if i > 0 {
				return Fault{}, badHeader("parameters should have the form name=value, instead was %s", quote(key))
			}
			if apierr.Lookup(apierr.Code(key)) == nil {
				return Fault{}, badHeader("should begin with %s, instead was %s", codeList(), quote(key))
			}
			f.Code = apierr.Code(key)
			continue
		}
		if slices.Contains(seen, key) {
			return Fault{}, badHeader("%s should be given once", quote(key))
		}
		seen = append(seen, key)
		read, known := parameters[key]
		if !known {
			return Fault{}, badHeader("parameters should be `latency`, `retry_after`, `cut`, or `after_commit`, instead was %s", quote(key))
		}
		if expected := read(&f, value); expected != "" {
			return Fault{}, badHeader("%s should be %s, instead was %s", key, expected, quote(value))
		}
	}
	if fault := f.inconsistency(); fault != "" {
		return Fault{}, badHeader("%s", fault)
	}
	return f, nil
}

// parameters reads each parameter of the header. The result says what the value should
// have been, "" when it is fine.
var parameters = map[string]func(*Fault, string) string{
	"latency": func(f *Fault, s string) string {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 || d > MaxLatency {
			return "a duration from `0s` to `10m`"
		}
		f.Latency = d
		return ""
	},
	"retry_after": func(f *Fault, s string) string {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > int(MaxRetryAfter/time.Second) {
			return "a number of seconds from `1` to `3600`"
		}
		f.RetryAfter = time.Duration(n) * time.Second
		return ""
	},
	"cut": func(f *Fault, s string) string {
		c, known := cutNames[s]
		if !known {
			return "`after_headers` or `mid_body`"
		}
		f.Cut = c
		return ""
	},
	"after_commit": func(f *Fault, s string) string {
		if s != "true" && s != "false" {
			return "`true` or `false`"
		}
		f.AfterCommit = s == "true"
		return ""
	},
}

// inconsistency says what is wrong with a fault whose parts are each fine.
func (f *Fault) inconsistency() string {
	switch {
	case f.Code == "" && (f.AfterCommit || f.RetryAfter > 0 || f.Message != ""):
		return "`after_commit`, `retry_after` and `message` need a code"
	case f.Code == "" && f.Latency == 0 && f.Cut == NoCut:
		return "a code, `latency` or `cut` should be given"
	}
	return ""
}

// check holds a rule against the bounds of its parts.
func (r *Rule) check() error {
	switch {
	case r.Method != "" && !slices.Contains(methods, r.Method):
		return badRule("method should be `%s`, instead was %s", strings.Join(methods, "`, `"), quote(r.Method))
	case r.Path != "" && (r.Path[0] != '/' && r.Path != "*" || len(r.Path) > 500):
		return badRule("path should be a path such as `/v1/pages/{page_id}` or `*`, instead was %s", quote(r.Path))
	case r.Code != "" && apierr.Lookup(r.Code) == nil:
		return badRule("code should be %s, instead was %s", codeList(), quote(string(r.Code)))
	case len(r.Message) > MaxMessage:
		return badRule("message should be at most %d bytes long", MaxMessage)
	case r.Latency < 0 || r.Latency > MaxLatency:
		return badRule("latency should be from `0s` to `10m`")
	case r.RetryAfter < 0 || r.RetryAfter > MaxRetryAfter:
		return badRule("retry_after should be from `0` to `3600`")
	case r.Nth < 0:
		return badRule("nth should not be negative")
	case !(r.Probability >= 0 && r.Probability <= 1): // also refuses a NaN
		return badRule("probability should be from `0` to `1`")
	case r.Count < 0:
		return badRule("count should not be negative")
	}
	if fault := r.inconsistency(); fault != "" {
		return badRule("%s", fault)
	}
	return nil
}

// ParseCut reads the name of a place to cut; "" is no cut.
func ParseCut(name string) (Cut, bool) {
	c, known := cutNames[name]
	return c, known || name == ""
}

func codeList() string {
	var names []string
	for _, r := range apierr.Table {
		names = append(names, "`"+string(r.Code)+"`")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + ", or " + names[last]
}

func quote(s string) string { return schema.Show(jsonx.StringValue(s)) }

func badHeader(format string, args ...any) error {
	return invalid(Header+" header failed validation: "+format+".", args...)
}

func badRule(format string, args ...any) error {
	return invalid("Fault rule failed validation: "+format+".", args...)
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
