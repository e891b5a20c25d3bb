# On a machine with Python >= 3.11, git and make, every target sets up what it needs in .venv.
# Another interpreter: make PYTHON=python3.13 test. More for a command: make test ARGS="-k tree".

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .bench/peers
INSTRUMENTS := .bench/instruments
DBT := $(VENV)/dbt
APART := $(VENV)/torch/.ready $(VENV)/mlflow/.ready
UV_VERSION := 0.13.9
WHO = Headwater needs Python 3.11 or newer with the venv module

# Compiled modules are kept: every step of the demo is a process that imports them again.
unexport PYTHONDONTWRITEBYTECODE

# The rooms that touch no disk, clock or network: every branch of them is tested.
PURE := */headwater/canonical.py,*/headwater/refs.py,*/headwater/openlineage/*,*/headwater/claims/*,*/headwater/graph/*,*/headwater/ledger/*

# How long `make faults` looks: histories a law, edits and flips of a store, and processes killed.
EXAMPLES ?= 2000
KILLS ?= 200

.DEFAULT_GOAL := help
.PHONY: help demo test check bench faults docs web types lock clean

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## run the flights pipeline, trace it, tamper with a copy of its ledger (half a minute)
	@$(BIN)/python web/build.py || echo "The demo goes on without it: only headwater ui needs it." >&2
	@$(BIN)/python examples/flights/demo.py $(ARGS)

test: $(READY) $(DBT)/.ready $(APART) ## run every test; the pure rooms must be covered to the last branch
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report= $(ARGS)
	$(BIN)/python -m coverage report --include='$(PURE)' --fail-under=100

check: $(READY) ## format, lint, types, layers and the fast tests (a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy examples/flights
	$(BIN)/mypy benchmarks
	$(BIN)/lint-imports
	HEADWATER_EXAMPLES=20 $(BIN)/python -m pytest -q -n auto -m "not slow" $(ARGS)

bench: $(READY) $(PEERS)/.ready $(INSTRUMENTS)/.ready ## measure, beside peers; HEADWATER_BENCH_LARGE=1 for the largest sizes
	@set -e; for file in benchmarks/[a-z]*.py; do \
	  echo "== $$file"; $(BIN)/python "$$file" $(ARGS); \
	done
	$(BIN)/python benchmarks/_page.py

faults: $(READY) ## laws, damage and crashes again, longer: EXAMPLES histories and edits, KILLS kills
	HEADWATER_EXAMPLES=$(EXAMPLES) HEADWATER_KILLS=$(KILLS) \
	  $(BIN)/python -m pytest -n auto --dist worksteal tests/graph tests/ledger tests/store \
	  tests/query/test_exporting.py tests/capture/test_kills.py tests/capture/test_perturbed.py $(ARGS)

docs: $(READY) ## run the code blocks of README.md and docs/
	$(BIN)/python -m pytest -q tests/docs $(ARGS)

web: $(READY) ## build the web interface, and check it: types, style, unit tests
	$(BIN)/python web/build.py --check $(ARGS)

types: $(READY) ## generate the web interface's types of the API anew
	$(BIN)/python web/openapi/describe.py
	$(BIN)/python web/build.py --types

lock: $(READY) ## resolve pyproject.toml again into requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --extra server --extra mcp --group test --group check --group demo \
	  --output-file requirements.lock pyproject.toml $(ARGS)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --output-file tests/service/dbt/requirements.lock tests/service/dbt/requirements.in $(ARGS)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --output-file benchmarks/peers.lock benchmarks/peers.in $(ARGS)

clean: ## remove what make made
	rm -rf web/node_modules web/openapi/node_modules web/.node src/headwater/service/web
	rm -rf $(VENV) .bench .demo .coverage .hypothesis .mypy_cache .ruff_cache .pytest_cache

# dbt excludes packages that other tests need, so it has an environment of its own. Without it its
# tests are skipped, and say so.
$(DBT)/.ready: $(READY) tests/service/dbt/requirements.lock
	@echo "Installing tests/service/dbt/requirements.lock into $(DBT)"
	@"$(PYTHON)" -m venv --clear $(DBT) && \
	  if [ -x $(BIN)/uv ]; then install="$(BIN)/uv pip install --python $(DBT)/bin/python"; \
	  else install="$(DBT)/bin/python -m pip install --disable-pip-version-check"; fi && \
	  $$install --quiet --require-hashes --no-deps -r tests/service/dbt/requirements.lock && \
	  touch $@ || echo "dbt cannot be installed here, and its tests will be skipped" >&2

# PyTorch is large, and its CPU build is where pip is told of it; MLflow excludes packages that other
# tests need. Without them their tests are skipped, and say so.
$(VENV)/torch/.ready $(VENV)/mlflow/.ready: $(VENV)/%/.ready: $(READY) tests/capture/%.txt
	@echo "Installing tests/capture/$*.txt into $(@D)"
	@"$(PYTHON)" -m venv --clear $(@D) && \
	  $(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/capture/$*.txt && \
	  $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e . && \
	  touch $@ || echo "$* cannot be installed here, and its tests will be skipped" >&2

# The peers of the benchmarks, in an environment of their own. Without them the rest is measured.
$(PEERS)/.ready: $(READY) benchmarks/peers.lock
	@echo "Installing benchmarks/peers.lock into $(PEERS)"
	@"$(PYTHON)" -m venv --clear $(PEERS) && \
	  if [ -x $(BIN)/uv ]; then install="$(BIN)/uv pip install --python $(PEERS)/bin/python"; \
	  else install="$(PEERS)/bin/python -m pip install --disable-pip-version-check"; fi && \
	  $$install --quiet --require-hashes --no-deps -r benchmarks/peers.lock && \
	  touch $@ || echo "The peers cannot be installed here, and will be left out" >&2

# The peers that instrument programs exclude packages of the others.
$(INSTRUMENTS)/.ready: benchmarks/instruments.txt
	@echo "Installing benchmarks/instruments.txt into $(INSTRUMENTS)"
	@"$(PYTHON)" -m venv --clear $(INSTRUMENTS) && \
	  $(INSTRUMENTS)/bin/python -m pip install --quiet --disable-pip-version-check -r $< && \
	  touch $@ || echo "They cannot be installed here, and will be left out" >&2

# A folder that is no working environment (another Python, a moved checkout) is made anew. uv is
# several times faster than pip; where it cannot be installed, pip takes the same lock.
$(READY): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "$(WHO); there is no $(PYTHON) here. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(WHO); $(PYTHON) is $$("$(PYTHON)" -V 2>&1). Name another:" \
	    "make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(WHO); $(PYTHON) lacks it. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; }
	@"$(BIN)/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Making $(VENV)"; "$(PYTHON)" -m venv --clear "$(VENV)"; }
	@echo "Installing requirements.lock into $(VENV)"
	@if "$(BIN)/python" -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"; then \
	  "$(BIN)/uv" pip install --quiet --python "$(BIN)/python" --require-hashes --no-deps \
	    -r requirements.lock && \
	  "$(BIN)/uv" pip install --quiet --python "$(BIN)/python" --no-deps -e .; \
	else \
	  echo "uv cannot be installed; pip does the same in about a minute" >&2; \
	  "$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	    -r requirements.lock && \
	  "$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	fi
	@touch $@
