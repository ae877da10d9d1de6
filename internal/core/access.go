package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// Principal is who a request acts as: one integration in one workspace.
type Principal struct {
	Workspace   notion.ID
	Integration notion.ID
	// Bot is the user that stands as the author of what the integration writes; for a
	// personal token it is the person.
	Bot notion.ID
	// Name is what the integration is called.
	Name string
	// WorkspaceName is what people call the workspace.
	WorkspaceName string
	// Zone is the time zone of the workspace's days.
	Zone *time.Location
	// Kind is internal, public or personal.
	Kind IntegrationKind
	// Owner is the person a public or personal connection acts for.
	Owner notion.ID
	Caps  Capability
	// Everything says that the whole workspace is shared with the integration.
	Everything bool

	expires time.Time // zero: never
}

// IntegrationKind says how an integration came to its token (services.md §7.6).
type IntegrationKind string

// The kinds of integration.
const (
	Internal IntegrationKind = "internal"
	Public   IntegrationKind = "public"
	Personal IntegrationKind = "personal"
)

// principalCache remembers who a token stands for while this process is the only one
// that can change it. Every change to tokens, integrations and shares clears it.
type principalCache struct {
	mu         sync.RWMutex
	byHash     map[[sha256.Size]byte]*Principal
	generation uint64
}

func (c *principalCache) get(hash [sha256.Size]byte) (*Principal, uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byHash[hash], c.generation
}

// put keeps p unless the cache was cleared after generation was read, since p may then
// be what was true before.
func (c *principalCache) put(hash [sha256.Size]byte, p *Principal, generation uint64) {
	const most = 10_000
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if c.byHash == nil || len(c.byHash) >= most {
		c.byHash = make(map[[sha256.Size]byte]*Principal)
	}
	c.byHash[hash] = p
}

// clear forgets everyone. It is called after a change to who may do what has been
// committed and before it is acknowledged.
func (c *principalCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byHash = nil
	c.generation++
}

// Authenticate returns who a token stands for. A token that is unknown, expired or
// revoked, or whose integration is disabled, is unauthorized (contract.md §1.7 step 4).
func (c *Core) Authenticate(ctx context.Context, token string) (*Principal, error) {
	hash := sha256.Sum256([]byte(token))
	p, generation := c.principals.get(hash)
	if p == nil {
		var err error
		if p, err = c.loadPrincipal(ctx, hash); err != nil {
			return nil, err
		}
		if c.store.Exclusive() {
			c.principals.put(hash, p, generation)
		}
	}
	if !p.expires.IsZero() && !c.clock.Now().Before(p.expires) {
		return nil, apierr.New(apierr.Unauthorized)
	}
	return p, nil
}

// read reads what the integration of p may do; one that is disabled is not found.
func (p *Principal) read(tx *store.Tx) error {
	i, err := tx.Integration(p.Integration)
	if err != nil {
		return err
	}
	if i.Disabled {
		return store.ErrNotFound
	}
	p.Name, p.Bot, p.Kind, p.Owner = i.Name, i.BotID, IntegrationKind(i.Kind), i.OwnerID
	p.Caps = parseStored(i.Capabilities)
	if p.Kind == Personal {
		p.Bot, p.Everything = i.OwnerID, true
		return nil
	}
	p.Everything, err = tx.Shared(i.ID, notion.ID{})
	return err
}

func (c *Core) loadPrincipal(ctx context.Context, hash [sha256.Size]byte) (*Principal, error) {
	var token store.Token
	var workspace store.Workspace
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		if token, err = tx.TokenByHash(hash[:]); err != nil {
			return err
		}
		workspace, err = tx.DirectoryWorkspace(token.WorkspaceID)
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && !token.RevokedTime.IsZero() {
		return nil, apierr.New(apierr.Unauthorized)
	}
	if err != nil {
		return nil, storeError(err)
	}
	zone, err := time.LoadLocation(workspace.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the zone of workspace %s: %w", workspace.ID, err)
	}
	p := &Principal{
		Workspace: token.WorkspaceID, WorkspaceName: workspace.Name, Zone: zone,
		Integration: token.IntegrationID, expires: token.ExpiresTime,
	}
	err = c.store.View(ctx, token.WorkspaceID, p.read)
	if errors.Is(err, store.ErrNotFound) {
		return nil, apierr.New(apierr.Unauthorized)
	}
	if err != nil {
		return nil, storeError(err)
	}
	return p, nil
}
