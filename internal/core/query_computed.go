package core

import (
	"crypto/sha256"
	"slices"

	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/query"
)

// computed tells what is known of a formula or rollup of a data source.
func (r *rowSearch) computed(s *source, prop *property.Property) (query.Computed, error) {
	made, err := r.deriver.computation(s, prop)
	if err != nil || made == nil || made.Problem != "" {
		return query.Computed{}, err
	}
	known := query.Computed{Kinds: property.ResultKinds(made.Type), Timed: made.Timed}
	if prop.Type.Name == "formula" {
		known.Indexed, err = r.indexed(s, prop)
		return known, err
	}
	if prop.Rollup().Lists() {
		known.Kinds = []property.ResultKind{property.ArrayResult}
		known.Elements, err = r.elements(made)
		known.Timed = known.Timed || err == nil && known.Elements.Computed.Timed
	}
	return known, err
}

// elements tells what the elements of a rollup are.
func (r *rowSearch) elements(made *property.Computation) (*query.Elements, error) {
	relation, err := r.relation(made.Relation)
	e := &query.Elements{Relation: relation, Target: made.Target}
	if err != nil || made.Target.Type.Name != "formula" {
		return e, err
	}
	target := r.deriver.sources.read(made.Source)
	if target == nil {
		return e, r.deriver.sources.err
	}
	e.Computed, err = r.computed(target, made.Target)
	return e, err
}

// indexed names the cells that the index has of a formula, "" for none. It notes the formula
// if there could be some.
func (r *rowSearch) indexed(s *source, prop *property.Property) (string, error) {
	f, err := r.deriver.rowFormula(s, prop)
	if f == nil {
		return "", err
	}
	x := s.formulas().find(f)
	if x.unfinished() {
		if r.unindexed == nil {
			r.unindexed = map[notion.ID][]string{}
		}
		if !slices.Contains(r.unindexed[s.ID], prop.ID) {
			r.unindexed[s.ID] = append(r.unindexed[s.ID], prop.ID)
		}
		return "", nil
	}
	if !x.ready() {
		return "", nil
	}
	return x.state, nil
}

// findStored looks for rows in the table of the data source, or in the database when there is
// none for the query.
func (r *rowSearch) findStored(after *query.Found, limit int) ([]query.Found, error) {
	if !r.tableless {
		found, ok, err := r.core.tables.find(r.tx, r.rows(), r.query, after, limit)
		if ok || err != nil {
			return found, err
		}
	}
	found, walked, err := r.query.Search(r.tx, r.rows(), after, limit)
	if walked && err == nil {
		r.core.tables.want(r.rows(), r.query)
	}
	return found, err
}

// find looks for up to limit rows after a place.
func (r *rowSearch) find(after *query.Found, limit int) ([]query.Found, error) {
	if !r.query.Computes() {
		return r.findStored(after, limit)
	}
	revision, err := r.tx.Revision()
	if err != nil {
		return nil, err
	}
	of := asked{
		by: sightOf(r.p), source: r.source.ID, inTrash: r.ask.InTrash, archived: r.ask.Archived, text: sha256.Sum256(r.query.Text()),
	}
	if r.query.Timed() {
		of.at(r.tx.Now())
	}
	answer := r.core.answers.get(of, revision)
	found, err := r.query.Next(r.tx, r.rows(), answer, after, limit)
	r.core.answers.grown(of, answer)
	return found, err
}
