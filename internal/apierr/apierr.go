// Package apierr is the vocabulary of refusals: one table of codes and the only
// constructors of errors that a client may see.
package apierr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"octavo/internal/jsonx"
)

// Error is an answer other than success. What the client reads (Message, Data) and
// what the log reads (the wrapped cause) are separate: the cause never leaves the
// process.
type Error struct {
	Code    Code
	Message string
	// Data becomes `additional_data`, in order. Values are strings or arrays of
	// strings (contract.md §1.4).
	Data []jsonx.Member
	// RetryAfter, when positive, becomes the Retry-After header, rounded up to seconds.
	RetryAfter time.Duration
	// OAuth gives the body the form of the OAuth endpoints, error and error_description
	// (contract.md §6).
	OAuth bool

	cause error
}

// New returns the error of a code with its documented message. A code outside the
// table is a fault in the program and panics.
func New(c Code) *Error {
	return &Error{Code: c, Message: row(c).Message}
}

// Errorf returns the error of a code with a message of its own.
func Errorf(c Code, format string, args ...any) *Error {
	row(c)
	return &Error{Code: c, Message: fmt.Sprintf(format, args...)}
}

// OAuth returns the error of a code as the OAuth endpoints write it (contract.md §6). An
// empty description is left out.
func OAuth(c Code, description string) *Error {
	row(c)
	return &Error{Code: c, Message: description, OAuth: true}
}

func row(c Code) *Row {
	r := Lookup(c)
	if r == nil {
		panic("apierr: no row for code " + string(c))
	}
	return r
}

// Because records what the log should say and returns the error.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// With adds a member to `additional_data` and returns the error.
func (e *Error) With(key, value string) *Error {
	e.Data = append(e.Data, jsonx.M(key, jsonx.StringValue(value)))
	return e
}

// Error implements error with the client's message, followed by the cause if there is one.
func (e *Error) Error() string {
	if e.cause == nil {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + ": " + e.Message + ": " + e.cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Status returns the HTTP status of the error's code.
func (e *Error) Status() int { return row(e.Code).Status }

// AppendJSON appends the error body without its closing request_id, which the
// writer of every answer adds: object, status, code, message and, if there is any,
// additional_data (contract.md §1.4), or in the form of the OAuth endpoints.
func (e *Error) AppendJSON(dst []byte) []byte {
	if e.OAuth {
		return e.appendOAuth(dst)
	}
	dst = append(dst, `{"object":"error","status":`...)
	dst = jsonx.AppendNumber(dst, float64(e.Status()))
	dst = append(dst, `,"code":`...)
	dst = jsonx.AppendString(dst, string(e.Code))
	dst = append(dst, `,"message":`...)
	dst = jsonx.AppendString(dst, e.Message)
	if len(e.Data) > 0 {
		dst = append(dst, `,"additional_data":`...)
		dst = jsonx.ObjectValue(e.Data...).Append(dst)
	}
	return append(dst, '}')
}

func (e *Error) appendOAuth(dst []byte) []byte {
	dst = append(dst, `{"error":`...)
	dst = jsonx.AppendString(dst, string(e.Code))
	if e.Message != "" {
		dst = append(dst, `,"error_description":`...)
		dst = jsonx.AppendString(dst, e.Message)
	}
	return append(dst, '}')
}

// From returns err as an error of the table. What is not one already is a fault of
// ours, an internal_server_error, except that a request which ran past its deadline,
// or whose client has gone, is service_unavailable (contract.md §1.6 row 14).
func From(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return New(ServiceUnavailable).Because(err)
	default:
		return New(InternalServerError).Because(err)
	}
}
