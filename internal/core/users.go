package core

import (
	"context"
	"errors"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// Self returns the user a token acts as: the bot of an integration, or the person of a
// personal token (services.md §1.3).
func (c *Core) Self(ctx context.Context, p *Principal) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		row, err := tx.User(p.Bot)
		if err != nil {
			return err
		}
		// A token without user information still sees whom it is itself.
		u, err := c.showUser(tx, p, row, true)
		o = u
		return err
	})
	return o, err
}

// User returns a person or bot of the workspace (services.md §1.2).
func (c *Core) User(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		row, err := tx.User(id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (row.Deactivated || p.Kind == Personal && id != p.Bot) {
			return p.userNotFound(id)
		}
		if err != nil {
			return err
		}
		u, err := c.showUser(tx, p, row, false)
		o = u
		return err
	})
	return o, err
}

// Users lists the members and bots of the workspace, guests left out (services.md §1.1).
// Personal tokens may not.
func (c *Core) Users(ctx context.Context, p *Principal, part PageOf) (notion.Object, error) {
	if p.Kind == Personal {
		return nil, apierr.New(apierr.RestrictedResource)
	}
	list := &notion.List{Type: "user"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		var from notion.ID
		if part.Cursor != "" {
			id, ok := notion.ParseID(part.Cursor)
			if ok {
				_, err := tx.User(id)
				ok = err == nil
			}
			if !ok {
				return invalid("The start_cursor provided is invalid: %s", part.Cursor)
			}
			from = id
		}
		rows, err := tx.ListUsers(from, true, part.Size+1)
		if err != nil {
			return err
		}
		if len(rows) > part.Size {
			list.NextCursor = rows[part.Size].ID.String()
			rows = rows[:part.Size]
		}
		for _, row := range rows {
			u, err := c.showUser(tx, p, row, false)
			if err != nil {
				return err
			}
			list.Results = append(list.Results, u)
		}
		return nil
	})
	return list, err
}

// showUser gives a user the fields p may see (services.md §1.4). Self shows the name even
// to a token without user information.
func (c *Core) showUser(tx *store.Tx, p *Principal, row store.User, self bool) (*notion.User, error) {
	u := &notion.User{ID: row.ID, Name: row.Name, AvatarURL: row.AvatarURL, Hidden: !p.Caps.Has(ReadUsers) && !self}
	if row.Type == "person" {
		u.Person = &notion.Person{}
		if p.Caps.Has(ReadEmails) {
			u.Person.Email = row.Email
		}
		return u, nil
	}
	u.Bot = &notion.Bot{Own: row.ID == p.Bot, WorkspaceID: p.Workspace, WorkspaceName: p.WorkspaceName, MaxUpload: c.opts.MaxUpload}
	if !u.Bot.Own {
		return u, nil
	}
	if p.Kind == Public {
		owner, err := tx.User(p.Owner)
		if err != nil {
			return nil, err
		}
		if u.Bot.Owner, err = c.showUser(tx, p, owner, false); err != nil {
			return nil, err
		}
	}
	return u, nil
}
