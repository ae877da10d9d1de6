package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"octavo/internal/clock"
)

const (
	defaultPostgresReaders = 8
	// postgresWriters bounds the workspaces that commit at the same time.
	postgresWriters = 8
	// postgresWriteTimeout bounds a grouped write on a server that does not answer.
	postgresWriteTimeout = 30 * time.Second
	connectTimeout       = 5 * time.Second
)

// postgres is the dialect of PostgreSQL. This file is the only one that knows the driver.
type postgres struct{}

func openPostgres(opts Options) (backend, error) {
	config, err := pgx.ParseConfig(opts.DatabaseURL)
	if err != nil {
		return backend{}, fmt.Errorf("store: database URL: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	setDefault(config.RuntimeParams, "application_name", "octavo")
	config.RuntimeParams["lock_timeout"] = strconv.FormatInt(opts.LockTimeout.Milliseconds(), 10)
	readers := opts.Readers
	if readers == 0 {
		readers = defaultPostgresReaders
	}
	d := postgres{}
	return backend{
		dialect: d,
		reads:   newPool(stdlib.OpenDB(*config), readers, false, d.rewrite),
		writes:  newPool(stdlib.OpenDB(*config), postgresWriters, false, d.rewrite),
		release: func() error { return nil },
	}, nil
}

func setDefault(m map[string]string, key, value string) {
	if _, set := m[key]; !set {
		m[key] = value
	}
}

func (postgres) exclusive() bool            { return false }
func (postgres) rewrite(text string) string { return text }

func (postgres) tokens() []string {
	return []string{
		"{{id}}", "BYTEA",
		// Order is by bytes whatever the locale of the cluster.
		"{{text}}", `TEXT COLLATE "C"`,
		"{{int}}", "BIGINT",
		"{{bool}}", "BOOLEAN",
		"{{bytes}}", "BYTEA",
		"{{table}}", "",
		"{{keyed}}", "",
	}
}

func (postgres) beginRead() string  { return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" }
func (postgres) beginWrite() string { return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" }

func (postgres) writeContext(c clock.Clock) (context.Context, context.CancelFunc) {
	return c.WithTimeout(context.Background(), postgresWriteTimeout)
}

func (postgres) classify(err error, _ bool) error {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return postgresClass(server.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network),
		errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ErrConnection
	}
	return nil
}

// postgresClass maps SQLSTATE codes (PostgreSQL manual, appendix A).
func postgresClass(code string) error {
	switch code {
	case "23505": // unique_violation
		return ErrExists
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return ErrConflict
	case "57P01", "57P02", "57P03", "57P05": // the server is going down or coming up
		return ErrConnection
	case "57014": // query_canceled: by an administrator or a timeout of the server
		return ErrUnavailable
	}
	switch code[:2] {
	case "53": // insufficient resources: disk full, out of memory, too many connections
		return ErrUnavailable
	case "08", "28", "3D", "58", "XX": // connection, login, no such database, system, corruption
		return ErrConnection
	}
	if code == "25006" { // read_only_sql_transaction: this is a standby
		return ErrConnection
	}
	return nil
}

func (postgres) interrupted(err error) bool {
	var server *pgconn.PgError
	return !errors.As(err, &server) || server.Code == "57014"
}

func (postgres) retryable(err error) bool {
	var server *pgconn.PgError
	// Not 55P03: the lock has been waited for as long as was allowed.
	return errors.As(err, &server) && (server.Code == "40001" || server.Code == "40P01")
}

func (postgres) missingTable(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "42P01"
}

func (postgres) migrator() (goose.Dialect, []goose.ProviderOption, error) {
	// A lock in a table works through poolers and on every engine that speaks the
	// protocol, where advisory locks do not.
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableName("octavo_migration_lock"),
		lock.WithTableLockTimeout(200*time.Millisecond, 300))
	if err != nil {
		return "", nil, err
	}
	return goose.DialectPostgres, []goose.ProviderOption{goose.WithLocker(locker)}, nil
}

func (postgres) backup(context.Context, string) error { return ErrNoBackup }
