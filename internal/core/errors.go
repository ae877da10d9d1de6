package core

import (
	"errors"
	"strings"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// storeFailures says what a client is told when the database fails.
var storeFailures = []struct {
	is   error
	code apierr.Code
}{
	{store.ErrConflict, apierr.ConflictError},
	{store.ErrUnavailable, apierr.ServiceUnavailable},
	{store.ErrConnection, apierr.DatabaseConnectionUnavailable},
}

// storeError turns a failure of the store into an error of the API. Errors that are
// already of the API, and those that mean a fault of ours, pass through.
func storeError(err error) error {
	var own *apierr.Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	for _, f := range storeFailures {
		if errors.Is(err, f.is) {
			return apierr.New(f.code).Because(err)
		}
	}
	return err
}

// notFound is the answer for an object that does not exist or that p may not see; the
// two must look the same (contract.md §4.5). Entity is the word of the endpoint.
func (p *Principal) notFound(entity string, id notion.ID) error {
	return p.notFoundText(entity, id.String())
}

// notFoundText is notFound for what has an id of another form, such as a property.
func (p *Principal) notFoundText(entity, id string) error {
	return apierr.Errorf(apierr.ObjectNotFound,
		"Could not find %s with ID: %s. Make sure the relevant pages and databases are shared with your integration \"%s\".",
		entity, id, p.Name).With("integration_id", p.Bot.String())
}

// userNotFound is notFound for users, which have a text of their own (services.md §1.2).
func (p *Principal) userNotFound(id notion.ID) error {
	return apierr.Errorf(apierr.ObjectNotFound,
		"Could not find user with ID: %s. Make sure your integration has capabilities to read user information. With those capabilities, only members and guests in the integration's workspace are visible.",
		id).With("integration_id", p.Bot.String())
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

func parseStored(capabilities string) Capability {
	set, _ := ParseCapabilities(strings.Fields(capabilities))
	return set
}
