package core

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"octavo/internal/clock"
)

// The lengths of passwords, in characters. What a password is made of is the person's affair.
const (
	MinPassword = 8
	MaxPassword = 200
)

// checkPassword says what is wrong with a password that somebody chose, nil when nothing is.
func checkPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword {
		return invalid("password should be %d to %d characters long.", MinPassword, MaxPassword)
	}
	return nil
}

// argonHead is what a stored password begins with: 19 MiB and two passes of one lane, which
// take about 30 ms. It is written and read as a whole; another cost would be another head.
const (
	argonHead   = "$argon2id$v=19$m=19456,t=2,p=1$"
	argonMemory = 19456 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
	argonAtOnce = 2 // hashes at a time, so that they cannot take the memory of the server
)

// passwords hashes passwords with argon2id, a few at a time.
type passwords struct{ slots chan struct{} }

func newPasswords() *passwords { return &passwords{make(chan struct{}, argonAtOnce)} }

// hash returns a password as it is stored, in the usual text form.
func (p *passwords) hash(ctx context.Context, ids clock.IDs, password string) (string, error) {
	salt := make([]byte, argonSalt)
	ids.Secret(salt)
	key, err := p.key(ctx, password, salt)
	if err != nil {
		return "", err
	}
	encode := base64.RawStdEncoding.EncodeToString
	return argonHead + encode(salt) + "$" + encode(key), nil
}

// noPassword is what is checked where there is no password, so that it takes as long. Nobody
// knows one that fits.
var noPassword = argonHead + strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonSalt)) + "$" +
	strings.Repeat("A", base64.RawStdEncoding.EncodedLen(argonKey))

// check reports whether a password is the one that was stored.
func (p *passwords) check(ctx context.Context, stored, password string) (bool, error) {
	text, known := strings.CutPrefix(stored, argonHead)
	saltText, keyText, whole := strings.Cut(text, "$")
	if !known || !whole {
		return false, errors.New("a stored password has an unknown form")
	}
	salt, err := base64.RawStdEncoding.DecodeString(saltText)
	if err != nil {
		return false, fmt.Errorf("the salt of a stored password: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(keyText)
	if err != nil {
		return false, fmt.Errorf("the key of a stored password: %w", err)
	}
	got, err := p.key(ctx, password, salt)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

func (p *passwords) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKey), nil
}
