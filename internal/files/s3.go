package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"octavo/internal/clock"
)

// S3Scheme is what the address of a bucket begins with.
const S3Scheme = "s3://"

// defaultRegion is the region of buckets that name none. Stores that know no regions take it.
const defaultRegion = "us-east-1"

// S3Keys are what a bucket is opened with.
type S3Keys struct{ ID, Secret string }

// S3 is a [Storage] in a bucket of an object store that speaks the protocol of Amazon S3.
type S3 struct {
	client *s3.Client
	bucket string
	prefix string
	clock  clock.Clock
}

// Bounds of talking to an object store. A request may take as long as its bytes do, but not
// stand still.
const (
	s3Patience       = 15 * time.Second
	s3ConnectTimeout = 5 * time.Second
	s3Attempts       = 3
	s3FirstBackoff   = 100 * time.Millisecond
	s3Idle           = 64
)

// NewS3 returns the storage in the bucket that an address names:
//
//	s3://bucket/folder?region=eu-central-1&endpoint=https://objects.example.com
//
// The folder, the region and the endpoint may be left out; without an endpoint the bucket is
// one of Amazon's. Nothing is asked of the store yet. The clock bounds waiting for it.
func NewS3(address string, keys S3Keys, c clock.Clock) (*S3, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the address of the bucket: %w", err)
	case u.Scheme+"://" != S3Scheme || u.Host == "" || u.User != nil || u.Fragment != "":
		return nil, fmt.Errorf("the address of a bucket is s3://BUCKET/FOLDER?region=REGION&endpoint=URL, not %q", u.Redacted())
	case keys.ID == "" || keys.Secret == "":
		return nil, errors.New("a bucket needs a key id and a secret")
	}
	region, endpoint := defaultRegion, ""
	for name, values := range u.Query() {
		switch {
		case name == "region" && len(values) == 1:
			region = values[0]
		case name == "endpoint" && len(values) == 1:
			endpoint = values[0]
		default:
			return nil, fmt.Errorf("the address of a bucket has one region and one endpoint, and no %s", name)
		}
	}
	options := s3.Options{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider(keys.ID, keys.Secret, ""),
		HTTPClient:  &http.Client{Transport: s3Transport()},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = s3Attempts, retry.BackoffDelayerFunc(s3Backoff)
		}),
		// Stores other than Amazon's do not know the newer checksums. The signature covers the
		// bytes in any case.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if endpoint != "" {
		if e, err := url.Parse(endpoint); err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" {
			return nil, fmt.Errorf("the endpoint of a bucket is an http or https URL, not %q", endpoint)
		}
		options.BaseEndpoint, options.UsePathStyle = &endpoint, true
	}
	return &S3{client: s3.New(options), bucket: u.Host, prefix: strings.Trim(u.Path, "/"), clock: c}, nil
}

func s3Transport() *http.Transport {
	dialer := net.Dialer{Timeout: s3ConnectTimeout}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSHandshakeTimeout: s3ConnectTimeout,
		IdleConnTimeout:     time.Minute,
		MaxIdleConnsPerHost: s3Idle,
		DisableCompression:  true, // what is stored is what is read
	}
}

func s3Backoff(attempt int, _ error) (time.Duration, error) {
	return s3FirstBackoff << (2 * max(0, attempt-1)), nil
}

func (s *S3) key(key string) *string { return aws.String(path.Join(s.prefix, key)) }

// Write implements [Storage]. A store must know how large a file is before it comes, so what
// r gives is put aside in a temporary file first.
func (s *S3) Write(ctx context.Context, key string, r io.Reader) error {
	file, size, err := spool(r)
	if err != nil {
		return err
	}
	defer file.discard()
	running := s.watch(ctx)
	defer running.end()
	_, err = s.client.PutObject(running.ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: s.key(key), ContentLength: &size, Body: sending{file.File, running},
	})
	if err == nil {
		return nil
	}
	switch status := statusOf(err); {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
	case status >= 400 && status < 500, status == http.StatusInsufficientStorage:
		return refused(err)
	}
	return running.failure(err)
}

// Open implements [Storage].
func (s *S3) Open(ctx context.Context, key string, offset int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(key)}
	if offset > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	running := s.watch(ctx)
	out, err := s.client.GetObject(running.ctx, in)
	if err == nil {
		return &object{out.Body, running}, nil
	}
	defer running.end()
	switch statusOf(err) {
	case http.StatusNotFound:
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	case http.StatusRequestedRangeNotSatisfiable: // there is nothing from the offset on
		return http.NoBody, nil
	}
	return nil, running.failure(err)
}

// Delete implements [Storage].
func (s *S3) Delete(ctx context.Context, key string) error {
	running := s.watch(ctx)
	defer running.end()
	_, err := s.client.DeleteObject(running.ctx, &s3.DeleteObjectInput{Bucket: &s.bucket, Key: s.key(key)})
	if err == nil || statusOf(err) == http.StatusNotFound {
		return nil
	}
	return running.failure(err)
}

// statusOf is the status that a store answered with, 0 when it did not.
func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// object is a file that is being read.
type object struct {
	io.ReadCloser
	running *patience
}

// Read implements [io.Reader].
func (o *object) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.running.progress()
	if err != nil && err != io.EOF {
		err = o.running.failure(err)
	}
	return n, err
}

// Close implements [io.Closer].
func (o *object) Close() error {
	o.running.end()
	_ = o.ReadCloser.Close() // of what has been read there is nothing to lose
	return nil
}

// sending is a file on its way to a store.
type sending struct {
	io.ReadSeeker
	running *patience
}

// Read implements [io.Reader].
func (s sending) Read(p []byte) (int, error) {
	s.running.progress()
	return s.ReadSeeker.Read(p)
}

// spooled is a temporary file.
type spooled struct{ *os.File }

// spool puts aside everything that r gives. An error of r is returned as it is.
func spool(r io.Reader) (*spooled, int64, error) {
	file, err := os.CreateTemp("", "octavo-upload-*")
	if err != nil {
		return nil, 0, refused(err)
	}
	s := &spooled{file}
	_ = os.Remove(file.Name()) // where it can be, nothing is left of it after a crash
	from := &source{Reader: r}
	size, err := io.Copy(file, from)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err == nil {
		return s, size, nil
	}
	s.discard()
	if from.err != nil {
		return nil, 0, from.err
	}
	return nil, 0, refused(err)
}

func (s *spooled) discard() {
	_ = s.Close()
	_ = os.Remove(s.Name()) // where it could not be before
}
