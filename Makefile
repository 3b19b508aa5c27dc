# `make demo` and `make test` work on a clean clone with nothing but Python 3.11+ and make, and are quick the second time.

VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The first of these that is new enough and can make environments; `make PYTHON=/path/to/python3.12 ...` overrules it. The
# system's own comes first: distributions build it with profiles of its use, which builds from source mostly leave out.
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
PYTEST  = $(BIN)/python -m pytest $(PYTEST_FLAGS)
# Extra flags for a test target, as in `make test ARGS="-k journal"`.
ARGS   ?=
# A tier may be empty; pytest says so with 5.
EMPTY_OK = || test $$? -eq 5

.DEFAULT_GOAL := help
.PHONY: help demo check static fmt format lint imports types tidy openapi docs test reference slow fault cluster disasters fuzz typescript rust pages web browser screenshots coverage mutants bench clean

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1\t\2/' | expand -t 14

# --- environment: two stamps, since running the currency needs less than working on it -------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Tongbao needs Python 3.11 or newer; none of python3, python3.11 .. 3.14 is." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "Cannot make $(VENV): is your system's package for venv installed?" >&2; exit 2; }

# Installing builds the native kernel where there is cargo, and the pages where there is npm; setup.py says how to force or
# forbid either.
NATIVE := setup.py Cargo.toml Cargo.lock $(shell find crates -name '*.rs' -o -name Cargo.toml 2>/dev/null)
SHOWN  := $(shell find web clients/typescript/src -type f -not -path '*/node_modules/*' -not -path '*/api/*' 2>/dev/null)

$(VENV)/run.stamp: pyproject.toml $(NATIVE) $(SHOWN) | $(BIN)/python
	@echo "Installing tongbao into $(VENV) ..."
	@$(PIP) --editable .
	@$(BIN)/tongbao --version
	@touch $@

$(VENV)/dev.stamp: pyproject.toml $(NATIVE) $(SHOWN) | $(BIN)/python
	@echo "Installing tongbao and its development tools into $(VENV) ..."
	@$(PIP) --editable '.[dev]'
	@$(BIN)/tongbao --version
	@touch $@ $(VENV)/run.stamp

# --- use ------------------------------------------------------------------------------------------------------------

demo: $(VENV)/run.stamp ## run a whole currency, from nothing to a proven supply
	@$(BIN)/tongbao demo $(ARGS)

bench: $(VENV)/run.stamp ## measure the ledger on this machine
	@$(BIN)/tongbao bench ledger $(ARGS)

# --- work -----------------------------------------------------------------------------------------------------------

check: static test ## everything that must be green before a change lands, but the long tests

static: format lint imports types tidy openapi docs

fmt: $(VENV)/dev.stamp ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .

imports: $(VENV)/dev.stamp
	$(BIN)/lint-imports

types: $(VENV)/dev.stamp
	$(BIN)/mypy

tidy: $(VENV)/dev.stamp
	$(BIN)/python tools/tidy.py

openapi: $(VENV)/dev.stamp
	$(BIN)/python tools/openapi_lint.py

docs: $(VENV)/dev.stamp ## build the documentation into site/
	$(BIN)/zensical build --strict

test: $(VENV)/dev.stamp ## the default tests, on two workers
	$(PYTEST) -n 2 $(ARGS)

REFERENCE := tests/unit/centres/registration tests/unit/service/registration tests/unit/service/bench

reference: $(VENV)/dev.stamp ## the registration centre with the reference kernel; the other tests take the native one where it was built
	TONGBAO_KERNEL=reference $(PYTEST) -n 2 $(REFERENCE) $(ARGS)

slow: $(VENV)/dev.stamp ## tests over ten seconds: whole networks, every command of the guides, every operation
	$(PYTEST) -m slow -n 2 --dist worksteal $(ARGS) $(EMPTY_OK)

fault: $(VENV)/dev.stamp ## processes killed and disks broken under load; one at a time
	$(PYTEST) -m fault $(ARGS) $(EMPTY_OK)

cluster: $(VENV)/dev.stamp ## the journal at three real servers that are killed, stopped and damaged; one at a time
	$(PYTEST) -m cluster $(ARGS) $(EMPTY_OK)

SEEDS ?= 1..80

disasters: $(VENV)/dev.stamp ## the whole currency under simulated disasters; SEEDS=1..500 for more
	$(VENV)/bin/python -m tongbao simulate disasters --seeds $(SEEDS)

fuzz: $(VENV)/dev.stamp ## decoders fed with bytes that nobody meant
	$(PYTEST) -m fuzz -n 2 $(ARGS) $(EMPTY_OK)

TYPESCRIPT := clients/typescript

$(TYPESCRIPT)/node_modules/.installed: $(TYPESCRIPT)/package.json $(TYPESCRIPT)/package-lock.json
	@command -v npm >/dev/null || { echo "The TypeScript client needs Node.js 20.19 or newer with npm." >&2; exit 2; }
	@npm --prefix $(TYPESCRIPT) ci --silent --no-audit --no-fund
	@touch $@

typescript: $(VENV)/dev.stamp $(TYPESCRIPT)/node_modules/.installed ## the TypeScript client: types, vectors, and life beside a running currency
	$(BIN)/python -m tools.openapi_documents $(TYPESCRIPT)/openapi
	npm --prefix $(TYPESCRIPT) run --silent api
	npm --prefix $(TYPESCRIPT) run --silent check
	npm --prefix $(TYPESCRIPT) test --silent
	$(PYTEST) -m node $(ARGS)

rust: $(VENV)/dev.stamp ## the native kernel: format, lint, and tests against the vectors of the reference
	@command -v cargo >/dev/null || { echo "The native kernel needs Rust 1.88 or newer with cargo." >&2; exit 2; }
	cargo fmt --all --check
	cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
	$(BIN)/python tools/cargo_test.py $(ARGS)
	@if command -v c++ >/dev/null; then crates/fuzz/run 5; else echo "Fuzzing left out: it needs a C++ compiler."; fi

PAGES := web

$(PAGES)/node_modules/.installed: $(PAGES)/package.json $(PAGES)/package-lock.json
	@command -v npm >/dev/null || { echo "The pages need Node.js 20.19 or a later 20, or 22.12 or newer, with npm." >&2; exit 2; }
	@npm --prefix $(PAGES) ci --silent --no-audit --no-fund
	@touch $@

pages: $(PAGES)/node_modules/.installed ## build the pages anew, for who works on them; installing the package builds them as well
	npm --prefix $(PAGES) run --silent build

web: $(VENV)/dev.stamp $(PAGES)/node_modules/.installed ## the pages: types, unit tests, and that they can be built
	$(BIN)/python -m tools.openapi_documents $(TYPESCRIPT)/openapi
	npm --prefix $(PAGES) run --silent api
	npm --prefix $(PAGES) run --silent check
	npm --prefix $(PAGES) test --silent
	npm --prefix $(PAGES) run --silent build

browser: $(VENV)/dev.stamp $(PAGES)/node_modules/.installed ## people with telephones and computers at the pages, in a real browser
	@tools/browser_packages
	$(PYTEST) -m browser -n 2 --dist worksteal $(ARGS) $(EMPTY_OK)

PICTURES := build/screenshots

screenshots: $(VENV)/dev.stamp $(PAGES)/node_modules/.installed ## a picture of every page and state on one sheet: both languages, sizes and themes
	@tools/browser_packages
	rm -rf $(PICTURES)
	TONGBAO_PICTURES=$(CURDIR)/$(PICTURES) $(PYTEST) -m browser -n 2 --dist worksteal -k "every_page or every_state" $(ARGS)
	$(BIN)/python tools/contact_sheet.py $(PICTURES) $(PICTURES)/sheet.webp

coverage: $(VENV)/dev.stamp ## default tests with branch coverage: all of coin, kernel, protocol; 95 % of the rest
	$(BIN)/coverage erase
	$(PYTEST) -n 2 --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --include='src/tongbao/coin/*,src/tongbao/kernel/*,src/tongbao/protocol/*' --fail-under=100
	$(BIN)/coverage report --fail-under=95

mutants: $(VENV)/dev.stamp ## delete and bend each line of the kernel's rules and see whether a test turns red
	$(BIN)/mutmut run
	$(BIN)/mutmut results

# With the stamps, so that whoever needs the kernel or the pages next builds them again.
clean: ## remove what was built, but not the environment
	rm -rf build dist site target mutants src/tongbao/_native.*.so src/tongbao/service/web/pages $(VENV)/run.stamp $(VENV)/dev.stamp .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
