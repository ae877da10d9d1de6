package store

import (
	"time"

	"octavo/internal/notion"
)

// Integration is a connection of a workspace: what a token acts as.
type Integration struct {
	ID notion.ID
	// BotID is the user that stands for the integration.
	BotID notion.ID
	Name  string
	// Kind is internal, public or personal.
	Kind string
	// Capabilities are words separated by spaces.
	Capabilities string
	// OwnerID is the user a public or personal integration acts for; zero otherwise.
	OwnerID     notion.ID
	CreatedTime time.Time
	Disabled    bool
	// ClientID is the registered public integration that a person authorised, zero otherwise.
	ClientID notion.ID
}

const integrationColumns = `SELECT id, bot_id, name, kind, capabilities, owner_id, created_time, disabled, client_id FROM integration`

func (i *Integration) columns() []any {
	return []any{
		(*idColumn)(&i.ID), (*idColumn)(&i.BotID), &i.Name, &i.Kind, &i.Capabilities, (*idColumn)(&i.OwnerID),
		(*timeColumn)(&i.CreatedTime), &i.Disabled, (*optionalID)(&i.ClientID),
	}
}

// InsertIntegration adds an integration. Its bot is a user of its own (InsertUser).
func (tx *Tx) InsertIntegration(i Integration) error {
	_, err := tx.exec(`INSERT INTO integration
		(workspace_id, id, bot_id, name, kind, capabilities, owner_id, created_time, disabled, client_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		tx.workspace[:], i.ID[:], i.BotID[:], i.Name, i.Kind, i.Capabilities, i.OwnerID[:], micros(i.CreatedTime), i.Disabled, idOrNull(i.ClientID))
	return err
}

// UpdateIntegration writes the name, the capabilities and whether it is disabled.
func (tx *Tx) UpdateIntegration(i Integration) error {
	return tx.change(`UPDATE integration SET name = $3, capabilities = $4, disabled = $5
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], i.ID[:], i.Name, i.Capabilities, i.Disabled)
}

// Integration reads an integration.
func (tx *Tx) Integration(id notion.ID) (i Integration, err error) {
	err = tx.one(integrationColumns+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), i.columns()...)
	return i, err
}

// IntegrationByBot reads the integration a bot user stands for.
func (tx *Tx) IntegrationByBot(bot notion.ID) (i Integration, err error) {
	err = tx.one(integrationColumns+` WHERE workspace_id = $1 AND bot_id = $2`, args(tx.workspace[:], bot[:]), i.columns()...)
	return i, err
}

// Integrations reads all integrations of the workspace in the order of their ids.
func (tx *Tx) Integrations() ([]Integration, error) {
	return collect[Integration](tx, integrationColumns+` WHERE workspace_id = $1 ORDER BY id`, args(tx.workspace[:]))
}

// IntegrationOfClient reads the integration that a person got by authorising a client.
func (tx *Tx) IntegrationOfClient(client, owner notion.ID) (i Integration, err error) {
	err = tx.one(integrationColumns+` WHERE workspace_id = $1 AND client_id = $2 AND owner_id = $3`,
		args(tx.workspace[:], client[:], owner[:]), i.columns()...)
	return i, err
}
