# Dialogdesk: the commands of its developers and operators. `make help` lists them.
#
# Everything is built in one profile and with the locked versions, so that most dependencies are
# compiled once for all targets. Needed: Rust, a C compiler, make, python3 with pip.

CARGO ?= cargo
FLAGS := --release --locked
BINARY := target/release/dialogdesk
# Question sets for `make eval`, any number of files, and the figures that they are held to. A second
# set on the same document is `fresh.jsonl`. (.ci/run takes the same files.)
QUESTIONS ?= $(wildcard tests/collections/*/questions.jsonl tests/collections/*/fresh.jsonl)
BASELINE ?= tests/collections/baseline.json
# Flags for the program: make serve ARGS="--listen 0.0.0.0:8080"
ARGS ?=

.PHONY: help serve build runtime test check bench eval eval-baseline ablations clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: build ## build all that is missing and serve on http://127.0.0.1:8080
	$(BINARY) serve $(ARGS)

build: runtime ## the program and the runtime it needs
	$(CARGO) build $(FLAGS)

runtime: ## ONNX Runtime into runtime/, unless it is there or ORT_DYLIB_PATH names one
	scripts/fetch-runtime

test: runtime ## all tests; what a missing tool leaves out is said in a line
	$(CARGO) test $(FLAGS)

check: ## formatting, lints, documentation, licences and advisories
	$(CARGO) fmt --check
	$(CARGO) clippy $(FLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(FLAGS) --no-deps --document-private-items
	scripts/check-dependencies

bench: build ## start-up, memory, latency and throughput of the built program
	$(CARGO) bench --locked --bench serve -- $(ARGS)

eval: build ## the question sets against their baseline (QUESTIONS="a.jsonl b.jsonl" chooses others)
	$(BINARY) eval $(QUESTIONS) --baseline $(BASELINE) $(ARGS)

eval-baseline: build ## take the figures of now as the baseline
	$(BINARY) eval $(QUESTIONS) --save-baseline $(BASELINE) --failures 0 $(ARGS)

ablations: build ## what each mechanism brings on the question sets, as Markdown (20 times as long)
	@$(BINARY) eval $(QUESTIONS) --ablations $(ARGS)

clean: ## what was built; the data folder stays
	$(CARGO) clean
	rm -rf runtime bench-results
