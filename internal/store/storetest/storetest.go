// Package storetest gives tests a fresh store on each database Octavo runs on.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver, to make and drop schemas

	"octavo/internal/store"
)

// DatabaseVariable is the environment variable with the postgres:// URL of a database
// that tests may make schemas in. The Makefile always sets it.
const DatabaseVariable = "OCTAVO_TEST_DATABASE"

// Each runs test once for each database, as the subtests sqlite and postgres. The options
// lead to an empty database of the subtest's own; opening them again leads to the same
// one. postgres is skipped when [DatabaseVariable] is not set.
func Each(t *testing.T, test func(t *testing.T, opts store.Options)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns options for an empty SQLite database in a directory of the test.
func SQLite(t testing.TB) store.Options {
	t.Helper()
	return store.Options{Dir: t.TempDir()}
}

// Postgres returns options for an empty schema that is dropped when the test ends, or
// skips the test when [DatabaseVariable] is not set.
func Postgres(t testing.TB) store.Options {
	t.Helper()
	base := os.Getenv(DatabaseVariable)
	if base == "" {
		t.Skipf("not run on PostgreSQL: %s is not set (make test sets it)", DatabaseVariable)
	}
	address, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s: %v", DatabaseVariable, err)
	}
	var random [8]byte
	_, _ = rand.Read(random[:])
	schema := "test_" + hex.EncodeToString(random[:])
	execPostgres(t, base, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { execPostgres(t, base, "DROP SCHEMA "+schema+" CASCADE") })
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return store.Options{DatabaseURL: address.String()}
}

func execPostgres(t testing.TB, address, text string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// Open opens a store that is closed when the test ends.
func Open(t testing.TB, opts store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}
