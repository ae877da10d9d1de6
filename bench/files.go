package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// The subcommands that measure files beside a server that does nothing but copy them.
const (
	filesCommand = "files"
	copyCommand  = "copy"
)

// What is uploaded: a file in parts, one after the other.
const (
	fileSize = 100_000_000
	partSize = 10_000_000
)

// serveCopy keeps what is posted to it in a file, on disk before it answers, and serves it
// again: what is left of uploads and downloads without an API. The argument is the directory
// of the file.
func serveCopy(args []string) error {
	if len(args) != 1 {
		return errors.New("copy DIR")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	name := filepath.Join(args[0], "copy.pdf")
	fmt.Printf("copy ready url=http://%s\n", l.Addr())
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.ServeFile(w, r, name)
			return
		}
		if err := keep(name, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
}

// keep writes a file and returns once it is on disk.
func keep(name string, from io.Reader) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	return f.Sync()
}

// benchFiles runs the measurement with its own flags.
func benchFiles(args []string) (err error) {
	flags := flag.NewFlagSet("bench files", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "how often everything is measured; the report has medians")
	out := flags.String("out", filepath.Join("bench", "out"), "directory for the data; it must be on the disk to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 {
		return errors.New("-rounds must be positive")
	}
	dir, err := newDir(*out, "files-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "octavo")
	if err := build(binary); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := start(filepath.Join(dir, "copy.log"), self, copyCommand, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	own, err := start(filepath.Join(dir, "octavo.log"), binary, "serve", "--listen", "127.0.0.1:0", "--token", token,
		"--data", filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.stop()) }()
	return measureFiles(*rounds, own, bare)
}

// measureFiles uploads and downloads in turns, and prints what it found.
func measureFiles(rounds int, own, bare *server) error {
	// Bytes by chance: nothing on the way can make them fewer.
	data := make([]byte, fileSize)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data) // it cannot fail
	var up, bareUp, down, bareDown []float64
	for n := range rounds {
		steps := []func() error{
			func() error { return measureBare(bare, data, &bareUp, &bareDown) },
			func() error { return measureOwn(own, data, &up, &down) },
		}
		for i := range steps {
			// Every other round the other way about: what comes first has no advantage.
			if err := steps[(i+n)%2](); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d rounds; %s, %s/%s, %d cores.\n\n", rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Println("| 100 MB | MB/s | bare copy, MB/s | of it |\n|---|--:|--:|--:|")
	fmt.Printf("| upload in parts of 10 MB | %.0f | %.0f | %.0f %% |\n", median(up), median(bareUp), 100*median(shares(up, bareUp)))
	fmt.Printf("| download | %.0f | %.0f | %.0f %% |\n", median(down), median(bareDown), 100*median(shares(down, bareDown)))
	if most, ok := own.mostMemory(); ok {
		fmt.Printf("\nMost memory of the server: %.1f MB.\n", megabytes(most))
	}
	return nil
}

// shares divides what was found in the same rounds.
func shares(list, others []float64) []float64 {
	found := make([]float64, len(list))
	for i := range list {
		found[i] = list[i] / others[i]
	}
	return found
}

// measureBare copies the file to the bare server and back.
func measureBare(s *server, data []byte, up, down *[]float64) error {
	url := "http://" + s.address + "/copy.pdf"
	begin := time.Now()
	if err := exchange("POST", url, "application/pdf", bytes.NewReader(data), len(data), nil); err != nil {
		return err
	}
	*up = append(*up, speed(begin))
	return download(url, down)
}

// measureOwn uploads the file in parts, attaches it to a page and downloads it by its link.
func measureOwn(s *server, data []byte, up, down *[]float64) error {
	base := "http://" + s.address + "/v1/"
	call := func(method, path string, body, into any) error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		return exchange(method, base+path, "application/json", bytes.NewReader(text), len(text), into)
	}
	begin := time.Now()
	var made struct{ ID string }
	err := call("POST", "file_uploads", map[string]any{"mode": "multi_part", "number_of_parts": fileSize / partSize, "filename": "large.pdf"}, &made)
	if err != nil {
		return err
	}
	for i := range fileSize / partSize {
		if err := sendPart(base+"file_uploads/"+made.ID+"/send", i+1, data[i*partSize:][:partSize]); err != nil {
			return err
		}
	}
	if err := call("POST", "file_uploads/"+made.ID+"/complete", map[string]any{}, nil); err != nil {
		return err
	}
	*up = append(*up, speed(begin))

	var list struct {
		Results []struct {
			File struct{ File struct{ URL string } }
		}
	}
	block := map[string]any{"file": map[string]any{"type": "file_upload", "file_upload": map[string]any{"id": made.ID}}}
	if err := call("PATCH", "blocks/"+s.page+"/children", map[string]any{"children": []any{block}}, &list); err != nil {
		return err
	}
	return download(list.Results[0].File.File.URL, down)
}

// sendPart sends a part of a file, numbered from 1.
func sendPart(url string, number int, part []byte) error {
	const boundary = "a-boundary-that-no-part-has"
	before := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=\"part_number\"\r\n\r\n%d\r\n--%[1]s\r\n"+
		"Content-Disposition: form-data; name=\"file\"; filename=\"large.pdf\"\r\nContent-Type: application/pdf\r\n\r\n", boundary, number)
	after := "\r\n--" + boundary + "--\r\n"
	body := io.MultiReader(strings.NewReader(before), bytes.NewReader(part), strings.NewReader(after))
	return exchange("POST", url, "multipart/form-data; boundary="+boundary, body, len(before)+len(part)+len(after), nil)
}

// download reads the file and notes how fast it came.
func download(url string, into *[]float64) error {
	begin := time.Now()
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil {
		return err
	}
	if n != fileSize {
		return fmt.Errorf("%s: status %d with %d bytes", url, answer.StatusCode, n)
	}
	*into = append(*into, speed(begin))
	return nil
}

// speed is how many megabytes a second the file went in.
func speed(begin time.Time) float64 { return fileSize / 1e6 / time.Since(begin).Seconds() }

// exchange sends a request whose body has so many bytes, and reads the answer.
func exchange(method, url, contentType string, body io.Reader, length int, into any) error {
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return err
	}
	r.ContentLength = int64(length)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Notion-Version", newest)
	r.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
