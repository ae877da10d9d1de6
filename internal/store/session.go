package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
)

// maxStatements bounds the prepared statements of one session. Texts of lists come in
// powers of two, so that a server uses about a hundred.
const maxStatements = 400

// session is one connection. A kept session also keeps its prepared statements:
// preparing costs SQLite more than running a point read.
type session struct {
	conn    *sql.Conn
	stmts   map[string]*sql.Stmt // nil when the driver keeps its own
	rewrite func(string) string
}

func (s *session) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s.stmts == nil {
		return s.conn.QueryContext(ctx, s.rewrite(text), args...)
	}
	stmt, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (s *session) exec(ctx context.Context, text string, args ...any) (int64, error) {
	var result sql.Result
	var err error
	if s.stmts == nil {
		result, err = s.conn.ExecContext(ctx, s.rewrite(text), args...)
	} else {
		var stmt *sql.Stmt
		if stmt, err = s.prepare(ctx, text); err == nil {
			result, err = stmt.ExecContext(ctx, args...)
		}
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *session) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt := s.stmts[text]; stmt != nil {
		return stmt, nil
	}
	if len(s.stmts) >= maxStatements {
		for text, stmt := range s.stmts {
			_ = stmt.Close()
			delete(s.stmts, text)
		}
	}
	stmt, err := s.conn.PrepareContext(ctx, s.rewrite(text))
	if err != nil {
		return nil, err
	}
	s.stmts[text] = stmt
	return stmt, nil
}

func (s *session) close() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
	_ = s.conn.Close()
}

// pool lends sessions. With keep, idle ones stay open with their statements, the last
// used first; without, database/sql keeps the connections.
type pool struct {
	db      *sql.DB
	rewrite func(string) string
	keep    bool
	slots   chan struct{} // one token per session lent
	done    chan struct{} // closed by close

	mu   sync.Mutex
	free []*session
}

func newPool(db *sql.DB, size int, keep bool, rewrite func(string) string) *pool {
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return &pool{db: db, rewrite: rewrite, keep: keep, slots: make(chan struct{}, size), done: make(chan struct{})}
}

func (p *pool) get(ctx context.Context) (*session, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, errClosed
	}
	s, err := p.open(ctx)
	if err != nil {
		<-p.slots
	}
	return s, err
}

func (p *pool) open(ctx context.Context) (*session, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		s := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return s, nil
	}
	p.mu.Unlock()
	select {
	case <-p.done:
		return nil, errClosed
	default:
	}
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, rewrite: p.rewrite}
	if p.keep {
		s.stmts = make(map[string]*sql.Stmt)
	}
	return s, nil
}

// put takes a session back. A broken one is closed; its replacement is opened when it is
// needed, which is how the store recovers.
func (p *pool) put(s *session, broken bool) {
	switch {
	case broken:
		_ = s.conn.Raw(func(any) error { return errDiscard })
		s.close()
	case p.keep:
		p.mu.Lock()
		p.free = append(p.free, s)
		p.mu.Unlock()
	default:
		s.close()
	}
	<-p.slots
}

// close waits until every session is back and closes them.
func (p *pool) close() error {
	close(p.done)
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	for _, s := range p.free {
		s.close()
	}
	return p.db.Close()
}

// errDiscard makes database/sql close a connection instead of using it again.
var errDiscard = driver.ErrBadConn
