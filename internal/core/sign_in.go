package core

import (
	"context"
	"errors"
	"slices"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// The times of signing in.
const (
	invitationLifetime = 7 * 24 * time.Hour
	sessionLifetime    = 14 * 24 * time.Hour
)

// The prefixes of the secrets of signing in.
const (
	invitationPrefix = "inv_"
	sessionPrefix    = "ses_"
)

// JoinPath is where the link of an invitation leads, followed by its secret.
const JoinPath = "/_octavo/join/"

// Person is a person of a workspace who signs in.
type Person struct {
	Workspace store.Workspace
	User      store.User
}

// Link is the link of an invitation.
type Link struct {
	URL     string
	Expires time.Time
}

// Invite makes a link with which a person sets a password, once and within a week, whether or
// not they have one. It takes the place of links made before.
func (c *Core) Invite(ctx context.Context, ws, user notion.ID) (Link, error) {
	u, err := c.FindUser(ctx, ws, user)
	switch {
	case err != nil:
		return Link{}, err
	case u.Type != "person":
		return Link{}, invalid("User %s is a bot. Only people sign in.", user)
	case u.Deactivated:
		return Link{}, invalid("User %s is deactivated.", user)
	}
	secret := NewSecret(c.ids, invitationPrefix)
	link := Link{URL: c.opts.PublicURL + JoinPath + secret}
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		link.Expires = tx.Now().Add(invitationLifetime)
		return tx.ReplaceInvitation(store.Invitation{Hash: hashOf(secret), WorkspaceID: ws, UserID: user, ExpiresTime: link.Expires})
	})
	return link, storeError(err)
}

// InviteOwner invites an owner of the oldest workspace, after a first start the only one.
func (c *Core) InviteOwner(ctx context.Context) (Link, error) {
	w, err := c.FindWorkspace(ctx, notion.ID{})
	if err != nil {
		return Link{}, err
	}
	users, err := c.AllUsers(ctx, w.ID, PageOf{Size: 100})
	if err != nil {
		return Link{}, err
	}
	owner := slices.IndexFunc(users.Items, func(u store.User) bool { return u.Role == "owner" && !u.Deactivated })
	if owner < 0 {
		return Link{}, errors.New("the workspace has no owner")
	}
	return c.Invite(ctx, w.ID, users.Items[owner].ID)
}

// ErrNoInvitation is what becomes of an invitation that has been used or replaced, has
// expired, or is for somebody who is not active.
var ErrNoInvitation = errors.New("no such invitation")

func invitationError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoInvitation
	}
	return storeError(err)
}

// Invited returns whom the invitation with a secret is for, or [ErrNoInvitation].
func (c *Core) Invited(ctx context.Context, secret string) (Person, error) {
	var i store.Invitation
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		i, err = tx.Invitation(hashOf(secret))
		return err
	})
	if err == nil && !c.clock.Now().Before(i.ExpiresTime) {
		err = store.ErrNotFound
	}
	if err != nil {
		return Person{}, invitationError(err)
	}
	p, err := c.person(ctx, i.WorkspaceID, i.UserID)
	return p, invitationError(err)
}

// person reads an active person, store.ErrNotFound when there is none.
func (c *Core) person(ctx context.Context, ws, user notion.ID) (Person, error) {
	var p Person
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		p.Workspace, err = tx.DirectoryWorkspace(ws)
		return err
	})
	if err == nil {
		err = c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
			p.User, err = tx.User(user)
			return err
		})
	}
	if err == nil && (p.User.Type != "person" || p.User.Deactivated) {
		err = store.ErrNotFound
	}
	return p, err
}

// Join uses an invitation: it sets the person's password, and the e-mail of one who has none.
// Whoever was signed in as the person is so no longer. The error is [ErrNoInvitation], or one
// of the API that says what is wrong with the e-mail or the password.
func (c *Core) Join(ctx context.Context, secret, email, password string) (Person, error) {
	p, err := c.Invited(ctx, secret)
	if err != nil {
		return p, err
	}
	if err := checkPassword(password); err != nil {
		return p, err
	}
	if p.User.Email == "" {
		if email == "" {
			return p, invalid("email should not be empty: it is what you sign in with.")
		}
		changed, err := c.UpdateUser(ctx, p.Workspace.ID, p.User.ID, UserChange{Email: &email})
		if err != nil {
			return p, err
		}
		p.User = changed
	}
	hash, err := c.passwords.hash(ctx, c.ids, password)
	if err != nil {
		return p, err
	}
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteInvitation(hashOf(secret)); err != nil {
			return err
		}
		if err := tx.EndSessionsOf(p.Workspace.ID, p.User.ID); err != nil {
			return err
		}
		return tx.SetLogin(store.Login{WorkspaceID: p.Workspace.ID, UserID: p.User.ID, Email: p.User.Email, Password: hash})
	})
	return p, invitationError(err)
}

// Credentials are what somebody signs in with, and where from.
type Credentials struct {
	Email, Password string
	// Network is where the attempt comes from, in any form; attempts are counted by it.
	Network string
}

// SignIn returns the people whose e-mail and password these are: one, or one in each of
// several workspaces. Wrong ones are nobody's, and take as long to find out about. After too
// many wrong ones it returns how long to wait before more are looked at.
func (c *Core) SignIn(ctx context.Context, with Credentials) ([]Person, time.Duration, error) {
	try := attemptOf(with.Email, with.Network)
	if wait, err := c.begin(ctx, try); err != nil || wait > 0 {
		return nil, wait, err
	}
	people, err := c.peopleWith(ctx, with.Email, with.Password)
	if err == nil && len(people) == 0 {
		return nil, 0, nil
	}
	return people, 0, errors.Join(err, c.forgive(ctx, try, err == nil))
}

// peopleWith returns the people whose e-mail and password these are.
func (c *Core) peopleWith(ctx context.Context, email, password string) ([]Person, error) {
	email, err := checkEmail(email)
	if err != nil {
		email = "" // nobody's
	}
	const most = 16
	var logins []store.Login
	err = c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		logins, err = tx.Logins(email, most)
		return err
	})
	if err != nil {
		return nil, storeError(err)
	}
	if len(logins) == 0 || email == "" {
		_, err := c.passwords.check(ctx, noPassword, password)
		return nil, err
	}
	var people []Person
	for _, login := range logins {
		right, err := c.passwords.check(ctx, login.Password, password)
		if err != nil {
			return nil, err
		}
		if !right {
			continue
		}
		p, err := c.person(ctx, login.WorkspaceID, login.UserID)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, storeError(err)
		case p.User.Email == email:
			people = append(people, p)
		}
	}
	return people, nil
}

// PeopleByEmail returns the active people who have an e-mail, whether or not they have a
// password: one in each workspace at most.
func (c *Core) PeopleByEmail(ctx context.Context, email string) ([]Person, error) {
	email, err := checkEmail(email)
	if err != nil || email == "" {
		return nil, nil
	}
	var people []Person
	err = c.eachWorkspace(ctx, func(w store.Workspace) error {
		var u store.User
		err := c.store.View(ctx, w.ID, func(tx *store.Tx) (err error) {
			u, err = tx.UserByEmail(email)
			return err
		})
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil
		case err != nil:
			return storeError(err)
		}
		if u.Type == "person" && !u.Deactivated {
			people = append(people, Person{w, u})
		}
		return nil
	})
	return people, err
}

// JoinOldest makes a member of the oldest workspace of somebody whose e-mail is known to be
// theirs. Without a name they are called by the e-mail.
func (c *Core) JoinOldest(ctx context.Context, email, name string) (Person, error) {
	w, err := c.FindWorkspace(ctx, notion.ID{})
	if err != nil {
		return Person{}, err
	}
	if _, err := checkName("user", name); err != nil {
		name = email
	}
	u, err := c.CreateUser(ctx, w.ID, UserSpec{Name: name, Email: email})
	return Person{w, u}, err
}

// OpenSession remembers for two weeks who is signed in in a browser, which keeps the secret.
func (c *Core) OpenSession(ctx context.Context, people []Person) (secret string, expires time.Time, err error) {
	secret = NewSecret(c.ids, sessionPrefix)
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetSessions(tx.Now()); err != nil {
			return err
		}
		expires = tx.Now().Add(sessionLifetime)
		for _, p := range people {
			s := store.Session{Hash: hashOf(secret), WorkspaceID: p.Workspace.ID, UserID: p.User.ID, ExpiresTime: expires}
			if err := tx.InsertSession(s); err != nil {
				return err
			}
		}
		return nil
	})
	return secret, expires, storeError(err)
}

// SignedIn returns who is signed in in a browser, nobody when its session has ended.
func (c *Core) SignedIn(ctx context.Context, secret string) ([]Person, error) {
	var sessions []store.Session
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		sessions, err = tx.Sessions(hashOf(secret))
		return err
	})
	if err != nil {
		return nil, storeError(err)
	}
	var people []Person
	for _, s := range sessions {
		if !c.clock.Now().Before(s.ExpiresTime) {
			continue
		}
		p, err := c.person(ctx, s.WorkspaceID, s.UserID)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, storeError(err)
		default:
			people = append(people, p)
		}
	}
	return people, nil
}

// SignOut ends the session of a browser.
func (c *Core) SignOut(ctx context.Context, secret string) error {
	return storeError(c.store.UpdateDirectory(ctx, func(tx *store.Tx) error { return tx.EndSessions(hashOf(secret)) }))
}

// followLogin keeps how a person signs in in step with a change of the person.
func (c *Core) followLogin(ctx context.Context, ws notion.ID, u store.User, change UserChange) error {
	if change.Email == nil && !u.Deactivated {
		return nil
	}
	return c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		if u.Deactivated {
			if err := tx.EndSessionsOf(ws, u.ID); err != nil {
				return err
			}
		}
		return tx.MoveLogin(ws, u.ID, u.Email)
	})
}
