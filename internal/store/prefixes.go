package store

import "octavo/internal/notion"

// PrefixOwner returns the data source that has a prefix of unique_id, ErrNotFound when none
// has. Prefixes are folded; so are those of SetPrefixes.
func (tx *Tx) PrefixOwner(prefix string) (source notion.ID, err error) {
	err = tx.one(`SELECT data_source_id FROM id_prefix WHERE workspace_id = $1 AND prefix = $2`,
		args(tx.workspace[:], prefix), (*idColumn)(&source))
	return source, err
}

// SetPrefixes replaces the prefixes that a data source has by others, which nobody else has.
func (tx *Tx) SetPrefixes(source notion.ID, prefixes []string) error {
	if _, err := tx.exec(`DELETE FROM id_prefix WHERE workspace_id = $1 AND data_source_id = $2`, tx.workspace[:], source[:]); err != nil {
		return err
	}
	return insertAll(tx, `INSERT INTO id_prefix (workspace_id, prefix, data_source_id)`, 3, prefixes, func(p *string) []any {
		return []any{tx.workspace[:], *p, source[:]}
	})
}
