package core

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Challenge is a code_challenge with its method, plain or S256.
type Challenge struct{ Method, Value string }

// ParseChallenge reads the code_challenge and code_challenge_method of a request, and
// reports false when they do not go together. An absent method is plain.
func ParseChallenge(value, method string) (Challenge, bool) {
	switch {
	case value == "":
		return Challenge{}, method == ""
	case method == "":
		method = "plain"
	case method != "plain" && method != "S256":
		return Challenge{}, false
	}
	return Challenge{method, value}, isVerifier(value)
}

// isVerifier reports whether s has the form of a code_verifier (RFC 7636 §4.1). A challenge
// has it too, whatever the method.
func isVerifier(s string) bool {
	unreserved := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)
	}
	return len(s) >= 43 && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool { return !unreserved(r) })
}

// stored is the challenge as text, "" for none.
func (c Challenge) stored() string {
	if c.Value == "" {
		return ""
	}
	return c.Method + " " + c.Value
}

// answered reports whether a verifier, nil for none, answers a stored challenge. A verifier
// for a code without a challenge is refused: whoever stripped the challenge from the
// request would otherwise go unnoticed.
func answered(challenge string, verifier *string) bool {
	if challenge == "" || verifier == nil {
		return challenge == "" && verifier == nil
	}
	method, want, _ := strings.Cut(challenge, " ")
	got := *verifier
	if method == "S256" {
		sum := sha256.Sum256([]byte(got))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}
