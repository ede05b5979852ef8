# Two commands for a machine with Rust and Node: `make demo` and `make test`. `make` alone lists them all.

PROFILE ?= release
MUSTER = $$(scripts/build $(PROFILE))

.DEFAULT_GOAL := help
.PHONY: help demo test run build console bench fmt lint deny audit docs-openapi clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## build, start, create an agent, send it a message, print the reply; runs until Ctrl-C
	@PROFILE=$(PROFILE) scripts/demo

test: ## everything that CI runs; STEPS="format clippy" runs these steps only
	@scripts/test $(STEPS)

run: ## build and start the server, with data in ./muster-data; ARGS="--listen ..." are passed on
	@program=$(MUSTER) && exec "$$program" serve $(ARGS)

build: ## build the console and the program; PROFILE=dev for a debug build
	@scripts/build $(PROFILE)

console: ## check, test and build the web console
	@scripts/test console

bench: ## measure speed, start and memory on this machine
	@program=$$(scripts/build release) && MUSTER_BIN=$$program cargo run --locked --release --package muster-bench -- $(ARGS)

fmt: ## format the Rust code
	cargo fmt --all

lint: ## format check, clippy, types of the console, shellcheck
	@scripts/test scripts format clippy
	@scripts/npm-install console && npm --prefix console run check

deny: ## check licences, bans and sources of all crates (needs cargo-deny)
	@scripts/test dependencies

audit: ## check all crates against the RustSec advisories (needs cargo-deny and the network)
	cargo deny --locked --workspace check advisories

docs-openapi: ## write docs/openapi.json from the code, and the console's types from that
	@program=$$(scripts/build dev) && "$$program" openapi > docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json
	@scripts/npm-install console && npm --prefix console run types

clean: ## remove everything that was built, but no data
	rm -rf target console/dist console/node_modules tests/node/node_modules tests/node-emulate/node_modules tests/.cache
