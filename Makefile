# `make demo` and `make test` each work alone on a fresh clone with Python 3.11+, its venv module and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= .demo
# Two processes run the tests; a larger machine may take more.
WORKERS ?= 2

# What pip warns of, such as a package index's notices, is shown where it fails.
install = $(BIN)/pip install --quiet --disable-pip-version-check $(1) >$(VENV)/pip.log 2>&1 || { cat $(VENV)/pip.log >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench format stubs lock readme spark offline sbom vulnerabilities clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 10

# The program alone is enough for the demo; developers' tools come on top for everything else.
$(VENV)/.program: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Kudos needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Kudos and what it needs into $(VENV) (each file checked against its hash) ..."
	@$(call install,--require-hashes -r requirements.txt)
	@$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.developer: requirements-dev.txt $(VENV)/.program
	@echo "Installing the developers' tools into $(VENV) ..."
	@$(call install,--require-hashes -r requirements-dev.txt)
	@touch $@

install: $(VENV)/.program ## the program alone, as .venv/bin/kudos-node

demo: $(VENV)/.program ## twelve invented institutions join a network, answer a round, and read its benchmark
	@$(BIN)/python -m deploy.demo.run --folder $(DEMO)

test: $(VENV)/.developer ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: $(VENV)/.developer ## format, lint, types, import contracts, stubs, wire compatibility, README against --help
	@$(BIN)/ruff format --check --quiet . || { echo 'Run: make format'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tools.stubs --check
	@$(BIN)/buf lint
	@$(BIN)/python -m tools.wire
	@$(BIN)/python -m tools.readme --check

# A peer that wants other versions of what Kudos needs has an environment of its own.
$(VENV)/psi/.done: tests/bench/requirements-psi.txt
	@$(PYTHON) -m venv $(VENV)/psi
	@$(VENV)/psi/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $< || { echo "without private set intersection" >&2; exit 1; }
	@touch $@

# A server of Spark for the tests, beside the client that they use; it needs Java, and half a gigabyte.
$(VENV)/spark/.done: tests/node/store/requirements-spark.txt
	@$(PYTHON) -m venv $(VENV)/spark
	@$(VENV)/spark/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

spark: $(VENV)/spark/.done ## a server of Spark for the tests (half a gigabyte; without it they say that they are skipped)

WHEELS ?= dist/offline
offline: requirements.txt ## a folder with all that a machine without internet installs Kudos from
	@sh tools/offline.sh $(PYTHON) $(WHEELS)

bench: $(VENV)/.developer $(VENV)/psi/.done ## speed, as ratios in one run
	@$(BIN)/python -m tests.bench

format: $(VENV)/.developer ## put the code into its form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

stubs: $(VENV)/.developer ## make the stubs of the protocol buffers
	@$(BIN)/python -m tools.stubs

readme: $(VENV)/.developer ## put the programs' --help texts into docs/commands.md
	@$(BIN)/python -m tools.readme

sbom: $(VENV)/.developer ## what is installed, as CycloneDX: kudos.cdx.json, the same bytes each time
	@$(BIN)/python -m tools.sbom kudos.cdx.json

# Where the service does not answer, nothing is known: that is a failure too.
vulnerabilities: $(VENV)/.developer ## known vulnerabilities of what is installed (asks pypi.org)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

lock: ## make the hashed locks anew (needs uv)
	@./tools/lock.sh

clean: ## remove what the targets above have made
	@rm -rf $(VENV) $(DEMO) .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
