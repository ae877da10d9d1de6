package markdown

import (
	"errors"
	"testing"

	"octavo/internal/apierr"
)

// message is the message of a validation_error.
func message(t testing.TB, err error) string {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.ValidationError {
		t.Fatalf("%v is not a validation_error", err)
	}
	return e.Message
}
