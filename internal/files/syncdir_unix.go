//go:build !windows

package files

import (
	"errors"
	"os"
)

// syncDir puts the names in a directory on the disk.
func syncDir(dir string) (err error) {
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return file.Sync()
}
