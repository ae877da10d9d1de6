package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	archive "octavo/internal/backup"
	"octavo/internal/clock"
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/store"
)

type restore struct {
	File string `arg:"" help:"The file that octavo backup has written."`
	Data string `default:"${data}" env:"OCTAVO_DATA" placeholder:"DIR" help:"Data directory to restore into. No server may use it. Default: ${default}."`
	fileStore
	Replace bool   `help:"Put a database that is there aside, under another name."`
	Check   bool   `help:"Only look whether the backup can be restored."`
	Actor   string `env:"OCTAVO_ACTOR" placeholder:"NAME" help:"Who acts, for the audit log. Default: you, at this machine."`
	JSON    bool   `help:"Print JSON."`
}

// Run makes a backup the data of a directory.
func (c *restore) Run(p *process) error {
	parameters := jsonx.ObjectValue(jsonx.M("file", jsonx.StringValue(filepath.Base(c.File))))
	if c.Files == "" {
		c.Files = filepath.Join(c.Data, "files")
	}
	storage, err := files.NewStorage(c.Files, files.S3Keys{ID: c.S3KeyID, Secret: c.S3Secret}, clock.System{})
	if err != nil {
		return err
	}
	done, err := archive.Restore(p.ctx, archive.RestoreOptions{
		File: c.File, Dir: c.Data, Storage: storage, Replace: c.Replace, Check: c.Check, Clock: clock.System{},
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
		v := jsonx.ObjectValue(append([]jsonx.Member{
			jsonx.M("restored", jsonx.BoolValue(!c.Check)),
			jsonx.M("state_format", jsonx.NumberValue(float64(done.Format))),
			jsonx.M("workspaces", jsonx.NumberValue(float64(done.Workspaces))),
			jsonx.M("replaced", jsonx.NullValue),
		}, summarized(done.Summary)...)...)
		if done.Replaced != "" {
			v.Set("replaced", jsonx.StringValue(done.Replaced))
		}
		return printJSON(p.stdout, v)
	}
	said := fmt.Sprintf("%s is sound: state format %d, workspaces: %d.\n", c.File, done.Format, done.Workspaces) + filesIn(done.Summary)
	if !c.Check {
		said += fmt.Sprintf("It is the data in %s now.\n", c.Data)
	}
	if !c.Check && done.WithoutFiles {
		said += "Put the files in place too, unless they are there.\n"
	}
	if done.Replaced != "" {
		said += fmt.Sprintf("What was there is in %s. Its files have stayed.\n", done.Replaced)
	}
	_, err = fmt.Fprint(p.stdout, said)
	return err
}
