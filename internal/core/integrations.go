package core

import (
	"context"
	"errors"
	"slices"
	"strings"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// IntegrationSpec describes an integration to be made.
type IntegrationSpec struct {
	Name string
	// Kind is internal when it is "".
	Kind IntegrationKind
	// Capabilities are names such as read_content. Nil is what the hosted API gives a
	// fresh one: to read, update and insert content; for a personal integration, which
	// acts for a person, it is everything.
	Capabilities []string
	// Owner is the person a public or personal integration acts for.
	Owner notion.ID
	// Client is the registered public integration that the person has authorised, zero for none.
	Client notion.ID
}

// IntegrationChange says what to change about an integration. Nil means: keep.
type IntegrationChange struct {
	Name         *string
	Capabilities []string
	Disabled     *bool
}

// CreateIntegration makes an integration with a bot user of the same name. It sees no
// page until one is shared with it (services.md §7.6).
func (c *Core) CreateIntegration(ctx context.Context, ws notion.ID, spec IntegrationSpec) (store.Integration, error) {
	var i store.Integration
	if err := spec.complete(); err != nil {
		return i, err
	}
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if err := checkOwner(tx, spec); err != nil {
			return err
		}
		i, err = c.insertIntegration(tx, spec)
		tx.About(i.ID)
		return err
	})
	return i, storeError(err)
}

// complete checks a spec and fills in what was left out.
func (spec *IntegrationSpec) complete() (err error) {
	if spec.Name, err = checkName("integration", spec.Name); err != nil {
		return err
	}
	if spec.Kind == "" {
		spec.Kind = Internal
	}
	if !slices.Contains([]IntegrationKind{Internal, Public, Personal}, spec.Kind) {
		return invalid("kind should be `\"internal\"`, `\"public\"`, or `\"personal\"`, instead was %s.", shown(string(spec.Kind)))
	}
	if spec.Kind == Internal && !spec.Owner.IsZero() {
		return invalid("An internal integration belongs to the workspace and has no owner.")
	}
	if spec.Kind != Internal && spec.Owner.IsZero() {
		return invalid("A %s integration acts for a person: owner_id should be defined.", spec.Kind)
	}
	if spec.Capabilities == nil {
		set := ReadContent | UpdateContent | InsertContent
		if spec.Kind == Personal {
			set = AllCapabilities
		}
		spec.Capabilities = set.Names()
	}
	_, err = checkCapabilities(spec.Capabilities)
	return err
}

func checkOwner(tx *store.Tx, spec IntegrationSpec) error {
	if spec.Owner.IsZero() {
		return nil
	}
	owner, err := tx.User(spec.Owner)
	if errors.Is(err, store.ErrNotFound) || err == nil && (owner.Type != "person" || owner.Deactivated) {
		return invalid("owner_id should be the ID of an active person of the workspace, instead was `\"%s\"`.", spec.Owner)
	}
	return err
}

// insertIntegration writes a checked integration and its bot.
func (c *Core) insertIntegration(tx *store.Tx, spec IntegrationSpec) (store.Integration, error) {
	set, err := checkCapabilities(spec.Capabilities)
	if err != nil {
		return store.Integration{}, err
	}
	bot := store.User{ID: c.ids.New(tx.Now()), Type: "bot", Name: spec.Name, Role: "bot", CreatedTime: tx.Now()}
	if err := tx.InsertUser(bot); err != nil {
		return store.Integration{}, err
	}
	i := store.Integration{
		ID: c.ids.New(tx.Now()), BotID: bot.ID, Name: spec.Name, Kind: string(spec.Kind),
		Capabilities: set.String(), OwnerID: spec.Owner, CreatedTime: tx.Now(), ClientID: spec.Client,
	}
	return i, tx.InsertIntegration(i)
}

// Integrations lists the integrations of a workspace, oldest first, disabled ones
// included.
func (c *Core) Integrations(ctx context.Context, ws notion.ID, part PageOf) (Listing[store.Integration], error) {
	id := func(i *store.Integration) notion.ID { return i.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Integration, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			rows, err = tx.Integrations()
			return err
		})
		return pick(rows, id, after, limit), err
	})
}

// FindIntegration returns an integration of a workspace.
func (c *Core) FindIntegration(ctx context.Context, ws, id notion.ID) (store.Integration, error) {
	var i store.Integration
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		i, err = tx.Integration(id)
		return err
	})
	return i, adminError(err, "integration", id)
}

// UpdateIntegration changes an integration, and the name of its bot with it. The tokens
// of a disabled integration do not work; its bot is deactivated as long.
func (c *Core) UpdateIntegration(ctx context.Context, ws, id notion.ID, change IntegrationChange) (store.Integration, error) {
	var i store.Integration
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if i, err = tx.Integration(id); err != nil {
			return err
		}
		if err := change.apply(&i); err != nil {
			return err
		}
		return saveIntegration(tx, i)
	})
	c.principals.clear()
	return i, adminError(err, "integration", id)
}

func (change IntegrationChange) apply(i *store.Integration) (err error) {
	if change.Name != nil {
		if i.Name, err = checkName("integration", *change.Name); err != nil {
			return err
		}
	}
	if change.Capabilities != nil {
		set, err := checkCapabilities(change.Capabilities)
		if err != nil {
			return err
		}
		i.Capabilities = set.String()
	}
	if change.Disabled != nil {
		i.Disabled = *change.Disabled
	}
	return nil
}

// saveIntegration writes a changed integration and keeps its bot in step.
func saveIntegration(tx *store.Tx, i store.Integration) error {
	bot, err := tx.User(i.BotID)
	if err != nil {
		return err
	}
	bot.Name, bot.Deactivated = i.Name, i.Disabled
	if err := tx.UpdateUser(bot); err != nil {
		return err
	}
	return tx.UpdateIntegration(i)
}

// checkCapabilities reads names of capabilities.
func checkCapabilities(names []string) (Capability, error) {
	set, unknown := ParseCapabilities(names)
	if unknown == "" && !slices.Contains(names, "") {
		return set, nil
	}
	known := AllCapabilities.Names()
	for i, name := range known {
		known[i] = shown(name)
	}
	last := len(known) - 1
	return 0, invalid("capabilities should be %s, or %s, instead was %s.", strings.Join(known[:last], ", "), known[last], shown(unknown))
}
