package core

import (
	"octavo/internal/notion"
	"octavo/internal/store"
)

// survey tells of many nodes whether one caller sees them and whether they are in the trash.
// What they hang on is read once for all of them.
type survey struct {
	core   *Core
	tx     *store.Tx
	p      *Principal
	links  map[notion.ID]store.Link
	shared map[notion.ID]bool // nodes that are shared by themselves
	states map[notion.ID]state
}

// state is what a node is to a caller.
type state struct{ seen, trashed bool }

func (c *Core) survey(tx *store.Tx, p *Principal) *survey {
	return &survey{
		core: c, tx: tx, p: p,
		links: map[notion.ID]store.Link{}, shared: map[notion.ID]bool{}, states: map[notion.ID]state{{}: {seen: p.Everything}},
	}
}

// look makes nodes known.
func (s *survey) look(hits []store.Hit) error {
	var unknown []notion.ID
	asked := map[notion.ID]bool{{}: true}
	for _, h := range hits {
		if _, known := s.links[h.ParentID]; !known && !asked[h.ParentID] {
			asked[h.ParentID] = true
			unknown = append(unknown, h.ParentID)
		}
	}
	above, err := s.tx.Ancestry(unknown)
	if err != nil {
		return err
	}
	var added []notion.ID
	add := func(l store.Link) {
		if _, known := s.links[l.ID]; !known {
			s.links[l.ID] = l
			added = append(added, l.ID)
		}
	}
	for _, l := range above {
		add(l)
	}
	for _, h := range hits {
		add(h.Link)
	}
	if s.p.Everything {
		return nil
	}
	shared, err := s.tx.SharedAmong(s.p.Integration, added)
	for _, id := range shared {
		s.shared[id] = true
	}
	return err
}

// of returns the state of a node that is known.
func (s *survey) of(id notion.ID) state {
	if st, known := s.states[id]; known {
		return st
	}
	l, known := s.links[id]
	if !known {
		return s.states[notion.ID{}] // it does not exist, and nothing is above it
	}
	above := s.of(l.ParentID)
	st := state{seen: above.seen || s.shared[id], trashed: above.trashed || l.InTrash}
	s.states[id] = st
	return st
}

// place returns a node that is known with its ancestors.
func (s *survey) place(id notion.ID) place {
	var at place
	for l, known := s.links[id]; known; l, known = s.links[l.ParentID] {
		at = append(at, l)
	}
	return at
}
