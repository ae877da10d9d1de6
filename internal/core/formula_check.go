package core

import (
	"context"
	"errors"

	"octavo/internal/formula"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// FormulaCheck is what there is to say of an expression as the formula of a data source.
type FormulaCheck struct {
	// Refused is why it is none, nil when it is sound. The rest is about those that are.
	Refused *formula.Error
	// Expression is the canonical form, with the names of its properties.
	Expression string
	// Type is the type of its values, for people.
	Type string
	// Results are the types of results that pages can show.
	Results []property.ResultKind
	// Timed says that the value changes with time alone.
	Timed bool
}

// CheckFormula reads an expression as the formula of a data source, whoever may see it.
func (c *Core) CheckFormula(ctx context.Context, ws, source notion.ID, expression string) (FormulaCheck, error) {
	var check FormulaCheck
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		if _, err := tx.DataSource(source); err != nil {
			return err
		}
		known := c.sources(tx, nil)
		computations := property.NewComputations(known, &c.computations)
		made, refused := computations.Check(source, expression)
		switch {
		case known.err != nil:
			return known.err
		case errors.As(refused, &check.Refused):
			return nil
		}
		check.Expression, check.Type, check.Timed = computations.Text(made.Program.Stored(ws)), made.Type.String(), made.Timed
		check.Results = property.ResultKinds(made.Type)
		return nil
	})
	return check, adminError(err, "data_source", source)
}
