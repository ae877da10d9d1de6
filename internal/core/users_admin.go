package core

import (
	"context"
	"errors"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
	"octavo/internal/store"
)

// Roles are the roles a person can have in a workspace. Guests are left out of user
// lists (services.md §1.1).
var Roles = []string{"owner", "member", "guest"}

// The longest texts that administrators may set, in characters.
const (
	maxName  = 200
	maxEmail = 200  // contract.md §7
	maxURL   = 2000 // contract.md §7
)

// UserSpec describes a person to be added to a workspace.
type UserSpec struct {
	Name string
	// Email may be "" for a person without one. Letter case is not kept.
	Email     string
	AvatarURL string
	// Role is one of [Roles]; "" is member.
	Role string
}

// UserChange says what to change about a person. Nil means: keep. An empty Email or
// AvatarURL removes it.
type UserChange struct {
	Name, Email, AvatarURL, Role *string
	Deactivated                  *bool
}

// CreateUser adds a person to a workspace.
func (c *Core) CreateUser(ctx context.Context, ws notion.ID, spec UserSpec) (store.User, error) {
	if spec.Role == "" {
		spec.Role = "member"
	}
	u := store.User{Type: "person"}
	change := UserChange{Name: &spec.Name, Email: &spec.Email, AvatarURL: &spec.AvatarURL, Role: &spec.Role}
	if err := change.apply(&u); err != nil {
		return u, err
	}
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		u.ID, u.CreatedTime = c.ids.New(tx.Now()), tx.Now()
		if err := checkEmailFree(tx, u); err != nil {
			return err
		}
		tx.About(u.ID)
		return tx.InsertUser(u)
	})
	return u, storeError(err)
}

// AllUsers lists the people and bots of a workspace, oldest first, guests and deactivated
// ones included.
func (c *Core) AllUsers(ctx context.Context, ws notion.ID, part PageOf) (Listing[store.User], error) {
	id := func(u *store.User) notion.ID { return u.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.User, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			rows, err = tx.AllUsers(orZero(after), limit)
			return err
		})
		return rows, err
	})
}

// FindUser returns a person or bot of a workspace.
func (c *Core) FindUser(ctx context.Context, ws, id notion.ID) (store.User, error) {
	var u store.User
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		u, err = tx.User(id)
		return err
	})
	return u, adminError(err, "user", id)
}

// UpdateUser changes a person. Bots are changed through their integration. Deactivating a
// person disables the integrations that act for them, personal ones and those they have
// authorised; activating the person again does not bring those back.
func (c *Core) UpdateUser(ctx context.Context, ws, id notion.ID, change UserChange) (store.User, error) {
	var u store.User
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if u, err = tx.User(id); err != nil {
			return err
		}
		if u.Type != "person" {
			return invalid("User %s is a bot. Change its integration instead.", id)
		}
		if err := change.apply(&u); err != nil {
			return err
		}
		if err := checkEmailFree(tx, u); err != nil {
			return err
		}
		if err := tx.UpdateUser(u); err != nil || !u.Deactivated {
			return err
		}
		return disableOwned(tx, id)
	})
	if err == nil {
		err = c.followLogin(ctx, ws, u, change)
	}
	c.principals.clear()
	return u, adminError(err, "user", id)
}

// disableOwned disables the personal integrations of a person and those they have authorised.
func disableOwned(tx *store.Tx, owner notion.ID) error {
	all, err := tx.Integrations()
	if err != nil {
		return err
	}
	for _, i := range all {
		if i.OwnerID != owner || IntegrationKind(i.Kind) != Personal && i.ClientID.IsZero() || i.Disabled {
			continue
		}
		i.Disabled = true
		if err := saveIntegration(tx, i); err != nil {
			return err
		}
	}
	return nil
}

// apply checks a change and carries it out on the row.
func (change UserChange) apply(u *store.User) (err error) {
	if change.Name != nil {
		if u.Name, err = checkName("user", *change.Name); err != nil {
			return err
		}
	}
	if change.Email != nil {
		if u.Email, err = checkEmail(*change.Email); err != nil {
			return err
		}
	}
	if change.AvatarURL != nil {
		if err := checkURL("avatar_url", *change.AvatarURL); err != nil {
			return err
		}
		u.AvatarURL = *change.AvatarURL
	}
	if change.Role != nil {
		if !slices.Contains(Roles, *change.Role) {
			return invalid("role should be `\"owner\"`, `\"member\"`, or `\"guest\"`, instead was %s.", shown(*change.Role))
		}
		u.Role = *change.Role
	}
	if change.Deactivated != nil {
		u.Deactivated = *change.Deactivated
	}
	return nil
}

// checkEmailFree refuses an e-mail that another person of the workspace has.
func checkEmailFree(tx *store.Tx, u store.User) error {
	if u.Email == "" {
		return nil
	}
	other, err := tx.UserByEmail(u.Email)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && other.ID == u.ID:
		return nil
	case err != nil:
		return err
	}
	return invalid("A user with the email %s already exists: %s.", u.Email, other.ID)
}

// checkName returns a name without the spaces around it, or says what is wrong with it.
func checkName(of, name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", invalid("%s name should not be empty.", of)
	case longer(name, maxName):
		return "", invalid("%s name should be at most %d characters long.", of, maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", invalid("%s name should not contain control characters.", of)
	}
	return name, nil
}

// checkEmail returns an e-mail as it is stored, or says that it is not one.
func checkEmail(email string) (string, error) {
	if email == "" {
		return "", nil
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || longer(email, maxEmail) {
		return "", invalid("email should be a valid email of at most %d characters, instead was %s.", maxEmail, shown(email))
	}
	return strings.ToLower(email), nil
}

func checkURL(key, s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || longer(s, maxURL) {
		return invalid("%s should be an http or https URL of at most %d characters, instead was %s.", key, maxURL, shown(s))
	}
	return nil
}

// longer reports whether s has more than n characters.
func longer(s string, n int) bool {
	return len(s) > n && len([]rune(s)) > n
}

// shown quotes what a client sent, as the messages of the API do.
func shown(s string) string { return schema.Show(jsonx.StringValue(s)) }
