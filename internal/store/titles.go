package store

import (
	"octavo/internal/notion"
	"octavo/internal/words"
)

// titleColumn reads a title into two places: one for callers to change, and one that keeps
// what the words in the index were made from.
type titleColumn struct{ title, indexed *string }

// Scan implements [sql.Scanner].
func (c titleColumn) Scan(value any) error {
	err := (*textColumn)(c.title).Scan(value)
	*c.indexed = *c.title
	return err
}

// indexTitle makes a node be found by the words of a title in place of those of the one
// before, "" when it had none.
func (tx *Tx) indexTitle(node notion.ID, before, title string) error {
	if title == before {
		return nil
	}
	old, now := words.Of(before), words.Of(title)
	gone := minus(old, now)
	err := inPieces(len(gone), func(i int) any { return gone[i] }, 3, func(list string, texts []any) error {
		_, err := tx.exec(`DELETE FROM title_word WHERE workspace_id = $1 AND node_id = $2 AND word IN `+list,
			append(args(tx.workspace[:], node[:]), texts...)...)
		return err
	})
	if err != nil {
		return err
	}
	added := minus(now, old)
	return insertWords(len(added), func(i int) []any {
		return []any{tx.workspace[:], added[i], node[:]}
	}, func(text string, args []any) error {
		_, err := tx.exec(text, args...)
		return err
	})
}

// minus returns what of one list is not in another.
func minus(list, other []string) []string {
	if len(other) == 0 {
		return list
	}
	has := make(map[string]bool, len(other))
	for _, s := range other {
		has[s] = true
	}
	var rest []string
	for _, s := range list {
		if !has[s] {
			rest = append(rest, s)
		}
	}
	return rest
}

// insertWords calls exec with statements that add n rows to the index of words. Rows that
// are there already stay, so that a statement can be filled up to a power of two with one
// of its own.
func insertWords(n int, row func(int) []any, exec func(text string, args []any) error) error {
	const columns = 3
	for from := 0; from < n; from += maxList {
		last := min(from+maxList, n) - 1
		size := 1
		for size <= last-from {
			size *= 2
		}
		args := make([]any, 0, size*columns)
		for i := range size {
			args = append(args, row(min(from+i, last))...)
		}
		text := insertText(`INSERT INTO title_word (workspace_id, word, node_id)`, columns, size) + ` ON CONFLICT (workspace_id, word, node_id) DO NOTHING`
		if err := exec(text, args); err != nil {
			return err
		}
	}
	return nil
}
