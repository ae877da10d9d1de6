package store

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

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
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	options = append(options,
		goose.WithTableName("octavo_migration"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(s.inGo()...),
		goose.WithSlog(slog.New(slog.DiscardHandler)))
	provider, err := goose.NewProvider(name, s.writes.db, renderedFS{sub, strings.NewReplacer(s.dialect.tokens()...)}, options...)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate from state format %d to %d: %w", stored, Format, err)
	}
	s.log.Info("migrated", "from", stored, "to", Format)
	return nil
}

// inGo lists the migrations that SQL alone cannot do.
func (s *Store) inGo() []*goose.Migration {
	return []*goose.Migration{
		goose.NewGoMigration(10, &goose.GoFunc{RunTx: s.indexTitles}, nil),
		goose.NewGoMigration(16, &goose.GoFunc{RunTx: s.giveViews}, nil),
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

// renderedFS shows migrations with the words of one database in place of {{…}}.
type renderedFS struct {
	fs.FS
	replacer *strings.Replacer
}

func (r renderedFS) Open(name string) (fs.File, error) {
	file, err := r.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	text, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	rendered := r.replacer.Replace(string(text))
	return renderedFile{bytes.NewReader([]byte(rendered)), name}, nil
}

// renderedFile is a file and its own description.
type renderedFile struct {
	*bytes.Reader
	name string
}

func (f renderedFile) Stat() (fs.FileInfo, error) { return f, nil }
func (renderedFile) Close() error                 { return nil }
func (f renderedFile) Name() string               { return f.name }
func (renderedFile) Mode() fs.FileMode            { return 0o444 }
func (renderedFile) ModTime() time.Time           { return time.Time{} }
func (renderedFile) IsDir() bool                  { return false }
func (renderedFile) Sys() any                     { return nil }
