# Everything a newcomer needs: `make demo` to see it run, `make test` to see it hold.
# Each target makes its own .venv on first use, from a lock file in which every package has its hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ONCE ?=
LEARNERS ?= 20000
RIVALS ?=
TESTS ?= tests
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check format contract bench bench-node bench-resilience lock clean

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## start eight banks and the gateway, show what they answer (ONCE=1: check and stop)
	@exec $(BIN)/creditbank demo $(if $(ONCE),--once)

test: $(VENV)/.development ## run the whole test suite (TESTS=path to narrow)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: $(VENV)/.development ## style, types, import contracts, contract files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy creditbank gateway region_node edge catalogue schema tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/creditbank schema check

format: $(VENV)/.development ## lay out and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contract: $(VENV)/.runtime ## write the contract files anew from the code
	$(BIN)/creditbank schema print --write

bench: $(VENV)/.development ## measure gateway and node, ratios in one run, table and plot
	$(BIN)/python -m benchmarks

bench-node: $(VENV)/.development ## measure one node over a bank of LEARNERS (RIVALS=folder: and PostGraphile)
	$(BIN)/python -m benchmarks lookups node_reads writes node_at_size --learners $(LEARNERS) $(if $(RIVALS),--rivals $(RIVALS))

bench-resilience: $(VENV)/.development ## measure what happens when nodes fail and clients are too many
	$(BIN)/python -m benchmarks.resilience

lock: $(VENV)/.development ## write the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build pyproject.toml -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra build --extra dev pyproject.toml -o requirements-dev.txt

clean: ## remove the environment, caches and the demo's files
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "→ making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "→ installing the packages of requirements.txt (every hash is checked)"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "→ installing what tests and checks need, from requirements-dev.txt"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements-dev.txt
	@touch $@
