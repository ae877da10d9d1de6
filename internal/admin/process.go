package admin

import (
	"net/http"
	"os"
	"path/filepath"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/store"
)

func health(a *Admin, w http.ResponseWriter, _ *http.Request) error {
	return a.say(w, "health", "ok")
}

func readiness(a *Admin, w http.ResponseWriter, r *http.Request) error {
	if a.opts.Draining() {
		return apierr.Errorf(apierr.ServiceUnavailable, "The server is shutting down.")
	}
	ctx, cancel := a.opts.Clock.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := a.opts.Core.Ping(ctx); err != nil {
		return err
	}
	return a.say(w, "readiness", "ready")
}

func (a *Admin) say(w http.ResponseWriter, object, status string) error {
	write(w, http.StatusOK, tagged(object, jsonx.M("status", jsonx.StringValue(status))).Append(nil), a.opts.IDs.Request())
	return nil
}

func metrics(a *Admin, w http.ResponseWriter, r *http.Request) error {
	a.opts.Metrics.ServeHTTP(w, r)
	return nil
}

func openAPI(a *Admin, _ *call) (jsonx.Value, error) { return a.openAPI, nil }

// backupDir is what the names of directories begin with in which a backup is put together.
const backupDir = "octavo-backup-"

// RemoveBackups removes what a server that was killed during a backup has left in its
// data directory; "" is a server without one.
func RemoveBackups(dir string) error { return store.RemoveUnfinished(dir, backupDir) }

// backup sends the database and the parts of files that it keeps. The database is copied to a
// file first: SQLite writes to nothing else, and a client that reads slowly must not hold a
// snapshot open.
func backup(a *Admin, w http.ResponseWriter, r *http.Request) error {
	dir, err := os.MkdirTemp(a.opts.TempDir, backupDir)
	if err != nil {
		return apierr.New(apierr.ServiceUnavailable).Because(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	withFiles := r.URL.Query().Get("files") != "none"
	b, err := a.opts.Core.Backup(r.Context(), filepath.Join(dir, "octavo.db"), withFiles)
	if err != nil {
		return err
	}
	defer b.Close()
	// A large copy takes longer than answers may take.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", "application/x-tar")
	h.Set("Content-Disposition", a.opts.Clock.Now().UTC().Format(`attachment; filename="octavo-20060102-150405.tar"`))
	w.WriteHeader(http.StatusOK)
	if err := b.Write(r.Context(), w); err != nil {
		// Too late for an answer: an incomplete copy must not look complete.
		a.opts.Log.ErrorContext(r.Context(), "a backup broke off", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
