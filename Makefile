# The commands that a newcomer types. Needs Python 3.11, Node 20 and make.
PYTHON ?= python3
BIN := .venv/bin
PAGES := $(wildcard static/css/*.css static/css/*/*.css static/js/*.js static/*.mjs static/*.txt templates/*/*.html templates/*/*/*.html)
LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check bench screens lock clean

demo: .venv/locked static/vendor/desk.css  ## a desk with a year of a plausible business; a second start keeps its data
	@$(BIN)/casedesk migrate && $(BIN)/casedesk demo && exec $(BIN)/casedesk run

test: .venv/locked-dev static/vendor/desk.css  ## what this machine has; the last line says what was left out
	$(BIN)/pytest -n 2
	@if $(BIN)/python -m tests.machine postgresql; then $(BIN)/pytest -n 2 --db postgresql tests/integration tests/jobs; fi

check: .venv/locked-dev  ## format, lint, types, import contracts
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports && npm run --silent check

bench: .venv/locked-dev static/vendor/desk.css  ## CPU a request, memory and cold start beside the goals; then what the rooms must cost
	$(BIN)/python -m tests.bench.speed
	@if $(BIN)/python -m tests.machine postgresql; then $(BIN)/python -m tests.bench.speed --db postgresql; fi
	$(BIN)/python -m tests.bench.jobs
	$(BIN)/python -m tests.bench.verdicts
	$(BIN)/python -m tests.bench.replay
	$(BIN)/python -m tests.bench.clocks
	$(BIN)/python -m tests.bench.cube 20000
	$(BIN)/python -m tests.bench.mediation
	$(BIN)/python -m tests.bench.signals

screens: .venv/locked-dev static/vendor/desk.css  ## every screen x width x theme x language under build/
	$(BIN)/python -m tests.browser.screens

lock: .venv/locked-dev  ## the newest releases that pyproject.toml allows, with hashes and no addresses
	$(BIN)/pip-compile --upgrade --extra checkout $(LOCK) --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --upgrade --extra checkout --extra dev $(LOCK) --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:  ## away with what is built; var/, where the data lies, stays
	rm -rf .venv node_modules static/vendor build dist *.egg-info

.venv/locked: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock && $(BIN)/pip install --quiet --no-deps --no-build-isolation -e . && touch $@

.venv/locked-dev: requirements-dev.lock .venv/locked
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock && touch $@

static/vendor/desk.css: node_modules/.package-lock.json $(PAGES)
	npm run --silent build

node_modules/.package-lock.json: package-lock.json
	npm ci --silent && touch $@
