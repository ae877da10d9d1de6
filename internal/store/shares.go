package store

import (
	"octavo/internal/notion"
)

// Share lets an integration see a page or block and everything below it; the zero node is
// the whole workspace. Sharing again changes nothing.
func (tx *Tx) Share(integration, node notion.ID) error {
	_, err := tx.exec(`INSERT INTO share (workspace_id, integration_id, node_id) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id, integration_id, node_id) DO NOTHING`,
		tx.workspace[:], integration[:], node[:])
	return err
}

// Unshare takes a share away, ErrNotFound when there is none on this very node.
func (tx *Tx) Unshare(integration, node notion.ID) error {
	return tx.change(`DELETE FROM share WHERE workspace_id = $1 AND integration_id = $2 AND node_id = $3`,
		tx.workspace[:], integration[:], node[:])
}

// Shared reports whether this very node, not an ancestor, is shared with the integration.
func (tx *Tx) Shared(integration, node notion.ID) (bool, error) {
	return tx.SharedAny(integration, []notion.ID{node})
}

// SharedAny reports whether at least one of the nodes is shared with the integration.
// With the ids of a chain and the zero id it answers whether the integration has access.
func (tx *Tx) SharedAny(integration notion.ID, nodes []notion.ID) (bool, error) {
	found := false
	err := inLists(nodes, 3, func(list string, ids []any) error {
		if found {
			return nil
		}
		var n int
		err := tx.one(`SELECT COUNT(*) FROM share WHERE workspace_id = $1 AND integration_id = $2 AND node_id IN `+list,
			append(args(tx.workspace[:], integration[:]), ids...), &n)
		found = n > 0
		return err
	})
	return found, err
}

// SharedAmong reads which of the nodes are themselves shared with the integration, in no
// particular order.
func (tx *Tx) SharedAmong(integration notion.ID, nodes []notion.ID) ([]notion.ID, error) {
	var all []notion.ID
	err := inLists(nodes, 3, func(list string, ids []any) error {
		some, err := tx.ids(`SELECT node_id FROM share WHERE workspace_id = $1 AND integration_id = $2 AND node_id IN `+list,
			append(args(tx.workspace[:], integration[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

type idRow struct{ id notion.ID }

func (r *idRow) columns() []any { return []any{(*idColumn)(&r.id)} }

func (tx *Tx) ids(text string, args []any) ([]notion.ID, error) {
	rows, err := collect[idRow](tx, text, args)
	ids := make([]notion.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids, err
}

// Shares reads the nodes shared with an integration, in the order of their ids.
func (tx *Tx) Shares(integration notion.ID) ([]notion.ID, error) {
	return tx.ids(`SELECT node_id FROM share WHERE workspace_id = $1 AND integration_id = $2 ORDER BY node_id`,
		args(tx.workspace[:], integration[:]))
}

// SharesOf reads the integrations a node is shared with, in the order of their ids.
func (tx *Tx) SharesOf(node notion.ID) ([]notion.ID, error) {
	return tx.ids(`SELECT integration_id FROM share WHERE workspace_id = $1 AND node_id = $2 ORDER BY integration_id`,
		args(tx.workspace[:], node[:]))
}
