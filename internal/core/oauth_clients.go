package core

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/url"
	"slices"
	"strings"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// OAuthClientSpec describes a public integration to be registered.
type OAuthClientSpec struct {
	Name string
	// Capabilities are names such as read_content. Nil is what a fresh internal integration
	// gets: to read, update and insert content.
	Capabilities []string
	// RedirectURIs are where people may be sent back to, at least one.
	RedirectURIs []string
}

// OAuthClientChange says what to change about a public integration. Nil means: keep.
type OAuthClientChange struct {
	Name *string
	// Capabilities and RedirectURIs hold for authorisations to come; who has authorised the
	// integration before has agreed to what it could do then.
	Capabilities []string
	RedirectURIs []string
	Disabled     *bool
}

// The bounds of what a public integration is registered with.
const (
	maxRedirectURIs = 20
	maxRedirectURI  = 1000 // characters
)

// RegisterOAuthClient registers a public integration, which people of every workspace can
// authorise (contract.md §6). The second result is the client secret: only its hash is kept.
func (c *Core) RegisterOAuthClient(ctx context.Context, spec OAuthClientSpec) (store.OAuthClient, string, error) {
	if spec.Capabilities == nil {
		spec.Capabilities = (ReadContent | UpdateContent | InsertContent).Names()
	}
	if spec.RedirectURIs == nil {
		spec.RedirectURIs = []string{}
	}
	var client store.OAuthClient
	change := OAuthClientChange{Name: &spec.Name, Capabilities: spec.Capabilities, RedirectURIs: spec.RedirectURIs}
	if err := change.apply(&client); err != nil {
		return client, "", err
	}
	secret := NewSecret(c.ids, clientSecretPrefix)
	client.SecretHash = hashOf(secret)
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		client.ID, client.CreatedTime = c.ids.New(tx.Now()), tx.Now()
		tx.About(client.ID)
		return tx.InsertOAuthClient(client)
	})
	return client, secret, storeError(err)
}

// clientSecretPrefix is what client secrets begin with (contract.md §5).
const clientSecretPrefix = "secret_"

func hashOf(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}

// OAuthClients lists the public integrations of the installation, oldest first.
func (c *Core) OAuthClients(ctx context.Context, part PageOf) (Listing[store.OAuthClient], error) {
	id := func(client *store.OAuthClient) notion.ID { return client.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.OAuthClient, err error) {
		err = c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
			rows, err = tx.OAuthClients(orZero(after), limit)
			return err
		})
		return rows, err
	})
}

// FindOAuthClient returns a public integration, also a disabled one.
func (c *Core) FindOAuthClient(ctx context.Context, id notion.ID) (store.OAuthClient, error) {
	var client store.OAuthClient
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		client, err = tx.OAuthClient(id)
		return err
	})
	return client, adminError(err, "client", id)
}

// UpdateOAuthClient changes a public integration. A disabled one can neither be authorised
// nor get tokens; those it has keep working.
func (c *Core) UpdateOAuthClient(ctx context.Context, id notion.ID, change OAuthClientChange) (store.OAuthClient, error) {
	return c.changeOAuthClient(ctx, id, change.apply)
}

// RotateOAuthClientSecret gives a public integration another secret. The old one stops
// working at once.
func (c *Core) RotateOAuthClientSecret(ctx context.Context, id notion.ID) (store.OAuthClient, string, error) {
	secret := NewSecret(c.ids, clientSecretPrefix)
	client, err := c.changeOAuthClient(ctx, id, func(client *store.OAuthClient) error {
		client.SecretHash = hashOf(secret)
		return nil
	})
	return client, secret, err
}

func (c *Core) changeOAuthClient(ctx context.Context, id notion.ID, change func(*store.OAuthClient) error) (store.OAuthClient, error) {
	var client store.OAuthClient
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) (err error) {
		if client, err = tx.OAuthClient(id); err != nil {
			return err
		}
		if err := change(&client); err != nil {
			return err
		}
		return tx.UpdateOAuthClient(client)
	})
	return client, adminError(err, "client", id)
}

// apply checks a change and carries it out on the row.
func (change OAuthClientChange) apply(client *store.OAuthClient) (err error) {
	if change.Name != nil {
		if client.Name, err = checkName("integration", *change.Name); err != nil {
			return err
		}
	}
	if change.Capabilities != nil {
		set, err := checkCapabilities(change.Capabilities)
		if err != nil {
			return err
		}
		client.Capabilities = set.String()
	}
	if change.RedirectURIs != nil {
		if err := checkRedirectURIs(change.RedirectURIs); err != nil {
			return err
		}
		client.RedirectURIs = strings.Join(change.RedirectURIs, " ")
	}
	if change.Disabled != nil {
		client.Disabled = *change.Disabled
	}
	return nil
}

func checkRedirectURIs(uris []string) error {
	if len(uris) == 0 || len(uris) > maxRedirectURIs {
		return invalid("redirect_uris should be 1 to %d URLs, instead were %d.", maxRedirectURIs, len(uris))
	}
	for i, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Contains(uri, "#") ||
			strings.ContainsAny(u.Host, "!$&'()*+,;=") || // which would mean something in the policy of a page
			strings.ContainsFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' }) || len(uri) > maxRedirectURI {
			return invalid("redirect_uris should be http or https URLs of at most %d characters without a fragment, instead one was %s.", maxRedirectURI, shown(uri))
		}
		if slices.Contains(uris[:i], uri) {
			return invalid("redirect_uris should be different, %s is there twice.", shown(uri))
		}
	}
	return nil
}

// RedirectURIs lists where a client may send people back to.
func RedirectURIs(client store.OAuthClient) []string { return strings.Fields(client.RedirectURIs) }

// RedirectURI returns where an authorisation of a client is answered to that was asked for
// with the given redirect_uri, "" for none. It reports false when there is no such place:
// one that is not registered, or none where several are.
func RedirectURI(client store.OAuthClient, given string) (string, bool) {
	registered := RedirectURIs(client)
	if given == "" {
		return registered[0], len(registered) == 1
	}
	return given, slices.Contains(registered, given)
}

// AuthenticateOAuthClient returns the client that has an id and a secret. Wrong ones are
// invalid_client, and so is a disabled client.
func (c *Core) AuthenticateOAuthClient(ctx context.Context, id, secret string) (store.OAuthClient, error) {
	refused := apierr.OAuth(apierr.InvalidClient, "")
	parsed, ok := notion.ParseID(id)
	if !ok {
		return store.OAuthClient{}, refused
	}
	var client store.OAuthClient
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		client, err = tx.OAuthClient(parsed)
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return client, refused
	case err != nil:
		return client, storeError(err)
	case client.Disabled, subtle.ConstantTimeCompare(hashOf(secret), client.SecretHash) != 1:
		return client, refused
	}
	return client, nil
}
