package core

import (
	"context"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// SearchWays are the ways of a search by name.
var SearchWays = map[string]func(*search, int) (bool, error){
	"words": (*search).fromWords, "time": (*search).byTime, "roots": (*search).fromRoots,
}

// SearchIn is Search in other ways than it would take, tried with a bound on what each
// reads. It reports false when none of them can answer.
func (c *Core) SearchIn(ctx context.Context, p *Principal, ask Search, bound int, ways ...string) (list *notion.List, can bool, err error) {
	list = &notion.List{}
	err = c.view(ctx, p, func(tx *store.Tx) error {
		s := c.newSearch(tx, p, ask)
		s.bound, s.ways = bound, nil
		for _, name := range ways {
			way := SearchWays[name]
			s.ways = append(s.ways, func(s *search, bound int) (bool, error) {
				done, err := way(s, bound)
				can = can || done
				return done || bound > 1<<20, err
			})
		}
		return s.fill(list)
	})
	return list, can, err
}
