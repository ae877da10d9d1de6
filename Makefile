# Everything a contributor runs. See CONTRIBUTING.md for what to run when.

VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# How long make fuzz spends on each target.
FUZZTIME    ?= 1m

.PHONY: run build test bench lint fuzz docs clean

run: build
	bin/octavo serve $(ARGS)

# The binary is static and knows no path of the machine it was built on.
build:
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X octavo.Version=$(VERSION)' -o bin/octavo ./cmd/octavo

test:
	scripts/test

bench:
	go run ./bench $(ARGS)

lint:
	scripts/gofmt-check
	go vet ./...
	go run $(STATICCHECK) ./...

fuzz:
	FUZZTIME=$(FUZZTIME) scripts/fuzz

# The generated parts of README.md and docs/.
docs:
	go test -run '^TestDocs$$' . -update

clean:
	rm -rf bin clients/.build clients/*/node_modules bench/out
