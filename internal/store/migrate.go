package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// Format is the version of the stored state this binary reads and writes. It is the
// number of the last migration, and each migration writes its number to meta.
const Format = 22

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables to Format. Data that is there already is not touched at all:
// a start costs one read.
func (s *Store) migrate(ctx context.Context) error {
	stored, err := s.storedFormat(ctx)
	if err != nil {
		return err
	}
	if stored > Format {
		return newerFormat(stored)
	}
	if stored == Format {
		return nil
	}
	name, options, err := s.dialect.migrator()
	if err != nil {
		return err
	}
	steps, err := s.steps()
	if err != nil {
		return err
	}
	options = append(options,
		goose.WithTableName("octavo_migration"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(steps...),
		goose.WithSlog(slog.New(slog.DiscardHandler)))
	provider, err := goose.NewProvider(name, s.writes.db, nil, options...)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate from state format %d to %d: %w", stored, Format, err)
	}
	s.log.Info("migrated", "from", stored, "to", Format)
	return nil
}

// steps lists the migrations: the files, and what SQL alone cannot do.
func (s *Store) steps() ([]*goose.Migration, error) {
	steps := []*goose.Migration{
		goose.NewGoMigration(10, &goose.GoFunc{RunTx: s.indexTitles}, nil),
		goose.NewGoMigration(16, &goose.GoFunc{RunTx: s.giveViews}, nil),
	}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	words := strings.NewReplacer(s.dialect.tokens()...)
	for _, file := range files {
		number, _, _ := strings.Cut(file.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", file.Name(), err)
		}
		text, err := migrations.ReadFile("migrations/" + file.Name())
		if err != nil {
			return nil, err
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: execute(words.Replace(string(text)))}, nil))
	}
	return steps, nil
}

// execute runs a file. Both databases take one whole, which goose would take apart line by line
// with a buffer of megabytes for each.
func execute(text string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text)
		return err
	}
}

func newerFormat(stored int) error {
	return fmt.Errorf("%w: this data was written by Octavo state format %d; this binary knows up to %d. Use a newer Octavo, or restore a backup made before the upgrade",
		ErrFormat, stored, Format)
}

// storedFormat returns the format of the data, 0 when there is none.
func (s *Store) storedFormat(ctx context.Context) (format int, err error) {
	c, err := s.writes.get(ctx)
	if err != nil {
		return 0, err
	}
	// The migrations take their connection from database/sql, and SQLite has but one.
	defer func() { s.writes.put(c, err != nil || format != Format) }()
	var value string
	err = c.conn.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'state_format'`).Scan(&value)
	if s.dialect.missingTable(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if format, err = strconv.Atoi(value); err != nil {
		return 0, fmt.Errorf("%w: unreadable state format %q", ErrFormat, value)
	}
	return format, nil
}
