package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// SignatureHeader is the header of the signature, which [Sign] makes.
const SignatureHeader = "X-Notion-Signature"

// Sign returns the signature of a body: an HMAC keyed by the verification token of the
// subscription (services.md §4.2).
func Sign(body []byte, token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Verification is the body of the first request to a new subscription, by which its
// receiver learns the token (services.md §4.1).
func Verification(token string) []byte {
	return jsonx.ObjectValue(jsonx.M("verification_token", jsonx.StringValue(token))).Append(nil)
}

// Actor is a user in an event.
type Actor struct {
	ID notion.ID
	// Type is person or bot.
	Type string
}

// Event is what a subscription is told, but for the number of the attempt
// (services.md §4.3).
type Event struct {
	ID            notion.ID
	Time          time.Time
	WorkspaceID   notion.ID
	WorkspaceName string
	Subscription  notion.ID
	Integration   notion.ID
	Type          string
	Authors       []Actor
	// AccessibleBy is for public connections alone, nil for others.
	AccessibleBy []Actor
	APIVersion   string
	EntityID     notion.ID
	EntityType   string
	// Data is an object, Undefined for events that have none.
	Data jsonx.Value
}

// Append appends the event as its first attempt.
func (e *Event) Append(dst []byte) []byte {
	id := func(id notion.ID) jsonx.Value { return jsonx.StringValue(id.String()) }
	actors := func(list []Actor) jsonx.Value {
		values := make([]jsonx.Value, len(list))
		for i, a := range list {
			values[i] = jsonx.ObjectValue(jsonx.M("id", id(a.ID)), jsonx.M("type", jsonx.StringValue(a.Type)))
		}
		return jsonx.ArrayValue(values...)
	}
	v := jsonx.ObjectValue(
		jsonx.M("id", id(e.ID)),
		jsonx.M("timestamp", jsonx.StringValue(e.Time.UTC().Format("2006-01-02T15:04:05.000Z"))),
		jsonx.M("workspace_id", id(e.WorkspaceID)),
		jsonx.M("workspace_name", jsonx.StringValue(e.WorkspaceName)),
		jsonx.M("subscription_id", id(e.Subscription)),
		jsonx.M("integration_id", id(e.Integration)),
		jsonx.M("type", jsonx.StringValue(e.Type)),
		jsonx.M("authors", actors(e.Authors)),
	)
	if e.AccessibleBy != nil {
		v.Set("accessible_by", actors(e.AccessibleBy))
	}
	v.Set("attempt_number", jsonx.NumberValue(1))
	v.Set("api_version", jsonx.StringValue(e.APIVersion))
	v.Set("entity", jsonx.ObjectValue(jsonx.M("id", id(e.EntityID)), jsonx.M("type", jsonx.StringValue(e.EntityType))))
	if e.Data.Defined() {
		v.Set("data", e.Data)
	}
	return v.Append(dst)
}

// withAttempt returns the body of an event for one of its attempts.
func withAttempt(body []byte, attempt int) ([]byte, error) {
	if attempt == 1 {
		return body, nil
	}
	v, err := jsonx.ParseOwn(body)
	if err != nil {
		return nil, err
	}
	v.Set("attempt_number", jsonx.NumberValue(float64(attempt)))
	return v.Append(nil), nil
}

func firstWord(kind string) string {
	first, _, _ := strings.Cut(kind, ".")
	return first
}

func lastWord(kind string) string { return kind[strings.LastIndexByte(kind, '.')+1:] }
