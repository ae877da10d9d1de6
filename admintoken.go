package octavo

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"octavo/internal/clock"
	"octavo/internal/core"
)

// AdminTokenFile is the name of the file in the data directory that holds the admin
// token. Only its owner can read it.
const AdminTokenFile = "admin-token"

// keepAdminToken returns the admin token of a data directory, which it makes when there is
// none.
func keepAdminToken(dir string, ids clock.IDs, log *slog.Logger) (string, error) {
	path := filepath.Join(dir, AdminTokenFile)
	token, err := ReadAdminToken(dir)
	switch {
	case err == nil:
		warnIfReadable(path, log)
		return token, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	token = core.NewSecret(ids, "adm_")
	// The file appears whole or not at all: half a token would be a token too.
	draft := path + ".new"
	if err := os.WriteFile(draft, []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the admin token: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return "", fmt.Errorf("keep the admin token: %w", err)
	}
	return token, nil
}

// ReadAdminToken returns the admin token that a server keeps in its data directory. The
// error is [fs.ErrNotExist] when it keeps none.
func ReadAdminToken(dir string) (string, error) {
	path := filepath.Join(dir, AdminTokenFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the admin token: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if token == "" {
		return "", fmt.Errorf("the admin token file %s is empty: remove it, and the next start makes a new one", path)
	}
	return token, nil
}

func warnIfReadable(path string, log *slog.Logger) {
	const others = 0o077
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&others != 0 {
		log.Warn("others can read the admin token", "file", path, "mode", info.Mode().Perm().String())
	}
}
