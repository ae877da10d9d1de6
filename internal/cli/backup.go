package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	archive "octavo/internal/backup"
	"octavo/internal/jsonx"
)

type backup struct {
	remote
	Output       string `required:"" short:"o" placeholder:"FILE" help:"File to write, which must not exist."`
	WithoutFiles bool   `name:"without-files" help:"Leave uploaded files out: they stay where the server keeps them, such as in a bucket that has a backup of its own."`
}

// Run copies the data of a running server. The file appears once it is whole and on disk.
func (c *backup) Run(p *process) error {
	if _, err := os.Lstat(c.Output); err == nil {
		return fmt.Errorf("%s exists already", c.Output)
	}
	query := url.Values{}
	if c.WithoutFiles {
		query.Set("files", "none")
	}
	resp, err := c.send(p.ctx, http.MethodGet, "backup", query, jsonx.Value{})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(c.Output), ".octavo-backup-*")
	if err != nil {
		return err
	}
	made, err := archive.Inspect(io.TeeReader(resp.Body, f))
	if err == nil {
		_, err = io.Copy(f, resp.Body) // what a tar file is filled up with
	}
	size, sizeErr := f.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, sizeErr, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.Output)
	}
	if err != nil {
		return fmt.Errorf("the backup failed, and the server's log may say why: %w", errors.Join(err, os.Remove(f.Name())))
	}
	if c.JSON {
		return printJSON(p.stdout, jsonx.ObjectValue(append([]jsonx.Member{
			jsonx.M("file", jsonx.StringValue(c.Output)), jsonx.M("bytes", jsonx.NumberValue(float64(size))),
		}, summarized(made)...)...))
	}
	_, err = fmt.Fprintf(p.stdout, "%d bytes written to %s\n%s", size, c.Output, filesIn(made))
	return err
}

// summarized is what --json says of the files in a backup.
func summarized(s archive.Summary) []jsonx.Member {
	lost := make([]jsonx.Value, len(s.Lost))
	for i, key := range s.Lost {
		lost[i] = jsonx.StringValue(key)
	}
	return []jsonx.Member{
		jsonx.M("files", jsonx.BoolValue(!s.WithoutFiles)),
		jsonx.M("file_parts", jsonx.NumberValue(float64(s.Parts))),
		jsonx.M("file_bytes", jsonx.NumberValue(float64(s.Bytes))),
		jsonx.M("lost", jsonx.ArrayValue(lost...)),
	}
}

// filesIn says what a backup has of the files.
func filesIn(s archive.Summary) string {
	if s.WithoutFiles {
		return "Uploaded files are not in it.\n"
	}
	said := fmt.Sprintf("Uploaded files in it: %d bytes in %d parts.\n", s.Bytes, s.Parts)
	if len(s.Lost) > 0 {
		said += fmt.Sprintf("Parts of files that the storage did not have, or not as they were written: %d, such as %s.\n", len(s.Lost), s.Lost[0])
	}
	return said
}
