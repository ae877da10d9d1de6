package store

import (
	"database/sql"
	"math"
	"strconv"
	"strings"

	"octavo/internal/notion"
)

// Search is what a search looks for among pages and data sources.
type Search struct {
	Pages, Sources bool
	// Trash looks at nodes that are themselves in the trash too. Whether an ancestor is,
	// the store does not look.
	Trash bool
	// Words are those of which a title must have one; none asks for nothing. There are at
	// most [MaxWords].
	Words []string
	// Oldest puts what was edited first, first.
	Oldest bool
	// ByWords puts titles with more of the words first. HitsByTime cannot do that.
	ByWords bool
}

// MaxWords is the most words that a search can look for, which bounds the parameters of a
// statement.
const MaxWords = 1024

// Hit is a node that a search has come upon.
type Hit struct {
	Link
	// Edited is when the node was edited, in microseconds since 1970.
	Edited int64
	// Words is how many of the words its title has, as far as that is known.
	Words int64
}

func (h *Hit) columns() []any { return append(h.Link.columns(), &h.Edited) }

const hitColumns = `b.id, b.type, b.parent_id, b.page_id, b.in_trash, b.last_edited_time`

// edge is a place before everything in the order of a search.
func (s *Search) edge() Hit {
	if s.Oldest {
		return Hit{Edited: math.MinInt64}
	}
	e := Hit{Edited: math.MaxInt64, Words: math.MaxInt64}
	for i := range e.ID {
		e.ID[i] = 0xff
	}
	return e
}

// end is a place after everything.
func (s *Search) end() Hit {
	reverse := Search{Oldest: !s.Oldest}
	return reverse.edge()
}

// order is how the search goes on from a place, and the direction that does.
func (s *Search) order() (onward, back, direction string) {
	if s.Oldest {
		return ">", "<=", ""
	}
	return "<", ">=", " DESC"
}

// Kinds of nodes stand in the texts as they are: only so can the databases tell that the
// index over searchable nodes has them all.

// nodes lists the conditions on type and trash, one for each range of the index that has
// what is looked for.
func (s *Search) nodes() []string {
	var list []string
	for _, kind := range []struct {
		is   bool
		name string
	}{{s.Pages, "child_page"}, {s.Sources, "data_source"}} {
		if !kind.is {
			continue
		}
		list = append(list, "b.type = '"+kind.name+"' AND b.in_trash = FALSE")
		if s.Trash {
			list = append(list, "b.type = '"+kind.name+"' AND b.in_trash = TRUE")
		}
	}
	return list
}

// wordList returns the words as a list of placeholders from $first on, and its arguments.
func (s *Search) wordList(first int) (list string, args []any) {
	size := 1
	for size < len(s.Words) {
		size *= 2
	}
	for i := range size {
		args = append(args, s.Words[min(i, len(s.Words)-1)])
	}
	return placeholders(first, size), args
}

// HitsByTime reads up to limit hits that come after a place, nil for the beginning, and not
// after another, nil for the end, in the order in which they were edited.
//
// It walks the nodes and looks at the title of each. Each range of the index is read in its
// order and no further than is needed.
func (tx *Tx) HitsByTime(s Search, after, until *Hit, limit int) ([]Hit, error) {
	from, to := s.edge(), s.end()
	if after != nil {
		from = *after
	}
	if until != nil {
		to = *until
	}
	args := args(tx.workspace[:], from.Edited, from.ID[:], to.Edited, to.ID[:], limit)
	onward, back, direction := s.order()
	condition := ` AND (b.last_edited_time, b.id) ` + onward + ` ($2, $3) AND (b.last_edited_time, b.id) ` + back + ` ($4, $5)`
	if len(s.Words) > 0 {
		list, texts := s.wordList(7)
		// Counted, so that no database makes a join of it that begins with the words.
		condition += ` AND (SELECT COUNT(*) FROM title_word t WHERE t.workspace_id = $1 AND t.node_id = b.id AND t.word IN ` + list + `) > 0`
		args = append(args, texts...)
	}
	return collect[Hit](tx, s.merged(hitColumns, condition, direction, `LIMIT $6`)+`LIMIT $6`, args)
}

// merged writes a query of all ranges of the index that have what is looked for, in order. Each
// range is cut by itself before all are.
func (s *Search) merged(columns, condition, direction, cut string) string {
	var text strings.Builder
	text.WriteString(`SELECT * FROM (`)
	for i, nodes := range s.nodes() {
		if i > 0 {
			text.WriteString(` UNION ALL `)
		}
		text.WriteString(`SELECT * FROM (SELECT ` + columns + ` FROM block b WHERE b.workspace_id = $1 AND ` + nodes + condition +
			` ORDER BY b.last_edited_time` + direction + `, b.id` + direction + ` ` + cut + `) range` + string(rune('a'+i)))
	}
	text.WriteString(`) found ORDER BY last_edited_time` + direction + `, id` + direction + ` `)
	return text.String()
}

// Horizon returns the place up to which HitsByTime looks at no more than n nodes in each
// range of the index, nil when that is the end.
func (tx *Tx) Horizon(s Search, after *Hit, n int) (*Hit, error) {
	from := s.edge()
	if after != nil {
		from = *after
	}
	onward, _, direction := s.order()
	var horizon *Hit
	err := tx.each(s.merged(`b.last_edited_time, b.id`, ` AND (b.last_edited_time, b.id) `+onward+` ($2, $3)`, direction, `LIMIT 1 OFFSET $4`)+`LIMIT 1`,
		args(tx.workspace[:], from.Edited, from.ID[:], n-1), func(rows *sql.Rows) error {
			horizon = &Hit{}
			return rows.Scan(&horizon.Edited, (*idColumn)(&horizon.ID))
		})
	return horizon, err
}

// CountHits returns in how many titles the words are, counting a title with several of them
// for each, and no further than limit. Nodes of all kinds count, in the trash or not.
func (tx *Tx) CountHits(s Search, limit int) (n int, err error) {
	list, texts := s.wordList(3)
	err = tx.one(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM title_word WHERE workspace_id = $1 AND word IN `+list+` LIMIT $2) counted`,
		append(args(tx.workspace[:], limit), texts...), &n)
	return n, err
}

// HitsByWord reads what HitsByTime does, from the words on: it costs as much as there are
// titles with one of them.
func (tx *Tx) HitsByWord(s Search, after *Hit, limit int) ([]Hit, error) {
	from := s.edge()
	if after != nil {
		from = *after
	}
	list, texts := s.wordList(5)
	args := append(args(tx.workspace[:], from.Edited, from.ID[:], limit), texts...)
	onward, _, direction := s.order()
	place, begin := []string{"b.last_edited_time", "b.id"}, "($2, $3)"
	if s.ByWords {
		args = append(args, from.Words)
		place, begin = append([]string{"t.words"}, place...), "($"+strconv.Itoa(len(args))+", $2, $3)"
	}
	// SQLite reads the tables of a CROSS JOIN in the order in which they are written.
	var hits []Hit
	err := tx.each(`SELECT `+hitColumns+`, t.words FROM (
			SELECT node_id, COUNT(*) AS words FROM title_word WHERE workspace_id = $1 AND word IN `+list+` GROUP BY node_id
		) t CROSS JOIN block b
		WHERE b.workspace_id = $1 AND b.id = t.node_id AND (`+strings.Join(s.nodes(), " OR ")+`)
			AND (`+strings.Join(place, ", ")+`) `+onward+` `+begin+`
		ORDER BY `+strings.Join(place, direction+", ")+direction+` LIMIT $4`,
		args, func(rows *sql.Rows) error {
			var hit Hit
			err := rows.Scan(append(hit.columns(), &hit.Words)...)
			hits = append(hits, hit)
			return err
		})
	return hits, err
}

// Below reads nodes of every type at and below the given ones, each once and in no particular
// order, not going into the trash unless it is looked for. It reads no more than limit of
// them; then it reports false.
func (tx *Tx) Below(s Search, roots []notion.ID, limit int) (hits []Hit, all bool, err error) {
	kept := ` AND b.in_trash = FALSE`
	if s.Trash {
		kept = ``
	}
	// Level by level: no database stops in the middle of the children of one node when it
	// recurses by itself.
	known := map[notion.ID]bool{}
	level, column := roots, `b.id`
	for len(level) > 0 {
		var next []notion.ID
		err := inLists(level, 3, func(list string, ids []any) error {
			if len(hits) > limit {
				return nil
			}
			some, err := collect[Hit](tx, `SELECT `+hitColumns+` FROM block b WHERE b.workspace_id = $1 AND `+column+` IN `+list+kept+` LIMIT $2`,
				append(args(tx.workspace[:], limit+1+len(hits)), ids...)) // what is known may be among them
			for _, h := range some {
				if !known[h.ID] {
					known[h.ID] = true
					hits, next = append(hits, h), append(next, h.ID)
				}
			}
			return err
		})
		if err != nil || len(hits) > limit {
			return nil, false, err
		}
		level, column = next, `b.parent_id`
	}
	return hits, true, nil
}

// Trash reads the ids of up to limit nodes that are themselves in the trash, in no particular
// order.
func (tx *Tx) Trash(limit int) ([]notion.ID, error) {
	return tx.ids(`SELECT id FROM block WHERE workspace_id = $1 AND in_trash = TRUE LIMIT $2`, args(tx.workspace[:], limit))
}

// CountWords returns how many of the words the titles of some nodes have, those that have any.
func (tx *Tx) CountWords(s Search, nodes []notion.ID) (map[notion.ID]int64, error) {
	list, texts := s.wordList(2)
	counts := make(map[notion.ID]int64, len(nodes))
	err := inLists(nodes, 2+len(texts), func(idList string, ids []any) error {
		return tx.each(`SELECT node_id, COUNT(*) FROM title_word WHERE workspace_id = $1 AND word IN `+list+` AND node_id IN `+idList+` GROUP BY node_id`,
			append(append(args(tx.workspace[:]), texts...), ids...), func(rows *sql.Rows) error {
				var id notion.ID
				var n int64
				err := rows.Scan((*idColumn)(&id), &n)
				counts[id] = n
				return err
			})
	})
	return counts, err
}

// Ancestry reads nodes and everything that they hang on, in no particular order. Unknown
// ids are left out.
func (tx *Tx) Ancestry(ids []notion.ID) ([]Link, error) {
	var all []Link
	err := inLists(ids, 2, func(list string, ids []any) error {
		some, err := collect[Link](tx, `WITH RECURSIVE chain (id, type, parent_id, page_id, in_trash) AS (
				SELECT id, type, parent_id, page_id, in_trash FROM block WHERE workspace_id = $1 AND id IN `+list+`
				UNION
				SELECT b.id, b.type, b.parent_id, b.page_id, b.in_trash
				FROM chain JOIN block b ON b.workspace_id = $1 AND b.id = chain.parent_id
			)
			SELECT id, type, parent_id, page_id, in_trash FROM chain`,
			append(args(tx.workspace[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}
