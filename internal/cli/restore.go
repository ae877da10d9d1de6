package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/store"
)

type restore struct {
	File    string `arg:"" help:"The file that octavo backup has written."`
	Data    string `default:"${data}" env:"OCTAVO_DATA" placeholder:"DIR" help:"Data directory to restore into. No server may use it. Default: ${default}."`
	Replace bool   `help:"Put a database that is there aside, under another name."`
	Check   bool   `help:"Only look whether the backup can be restored."`
	Actor   string `env:"OCTAVO_ACTOR" placeholder:"NAME" help:"Who acts, for the audit log. Default: you, at this machine."`
	JSON    bool   `help:"Print JSON."`
}

// Run makes a backup the data of a directory.
func (c *restore) Run(p *process) error {
	parameters := jsonx.ObjectValue(jsonx.M("file", jsonx.StringValue(filepath.Base(c.File))))
	done, err := store.Restore(p.ctx, store.RestoreOptions{
		File: c.File, Dir: c.Data, Replace: c.Replace, Check: c.Check, Clock: clock.System{},
		Entry: store.AuditEntry{
			ID: clock.Random{}.Request(), Actor: actorOr(c.Actor), Client: client(), Action: "restore", Parameters: parameters.Append(nil), Status: 200,
		},
	})
	switch {
	case errors.Is(err, store.ErrExists):
		return fmt.Errorf("%s has a database: add --replace to put it aside", c.Data)
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%s is in use: stop the server first", c.Data)
	case err != nil:
		return fmt.Errorf("nothing was restored: %w", err)
	}
	if c.JSON {
		v := jsonx.ObjectValue(
			jsonx.M("restored", jsonx.BoolValue(!c.Check)),
			jsonx.M("state_format", jsonx.NumberValue(float64(done.Format))),
			jsonx.M("workspaces", jsonx.NumberValue(float64(done.Workspaces))),
			jsonx.M("replaced", jsonx.NullValue),
		)
		if done.Replaced != "" {
			v.Set("replaced", jsonx.StringValue(done.Replaced))
		}
		return printJSON(p.stdout, v)
	}
	said := fmt.Sprintf("%s is sound: state format %d, workspaces: %d.\n", c.File, done.Format, done.Workspaces)
	if !c.Check {
		said += fmt.Sprintf("It is the data in %s now. Uploaded files are not in it: put their directory in place too.\n", c.Data)
	}
	if done.Replaced != "" {
		said += fmt.Sprintf("What was there is in %s.\n", done.Replaced)
	}
	_, err = fmt.Fprint(p.stdout, said)
	return err
}
