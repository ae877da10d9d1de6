package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"octavo/internal/jsonx"
)

type backup struct {
	remote
	Output string `required:"" short:"o" placeholder:"FILE" help:"File to write, which must not exist."`
}

// Run copies the database of a running server. The file appears once it is whole and on
// disk.
func (c *backup) Run(p *process) error {
	if _, err := os.Lstat(c.Output); err == nil {
		return fmt.Errorf("%s exists already", c.Output)
	}
	resp, err := c.send(p.ctx, http.MethodGet, "backup", nil, jsonx.Value{})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(c.Output), ".octavo-backup-*")
	if err != nil {
		return err
	}
	size, err := io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.Output)
	}
	if err != nil {
		return fmt.Errorf("the backup failed: %w", errors.Join(err, os.Remove(f.Name())))
	}
	if c.JSON {
		return printJSON(p.stdout, jsonx.ObjectValue(
			jsonx.M("file", jsonx.StringValue(c.Output)), jsonx.M("bytes", jsonx.NumberValue(float64(size)))))
	}
	_, err = fmt.Fprintf(p.stdout, "%d bytes written to %s\n", size, c.Output)
	return err
}
