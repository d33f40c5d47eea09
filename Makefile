# make run    sets everything up and opens the app        make test   sets everything up and runs every check and test
# make bench  measures it (BENCH="startup views" for some) make clean  removes what was set up

PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python3.14 python; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$each; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
TESTS ?= tests
export OMP_NUM_THREADS ?= 1

.PHONY: setup run test lint style types browser bench pictures clean

setup: $(STAMP)

$(STAMP): pyproject.toml requirements/constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Explorer needs Python 3.11 or newer, and none was found ($$(python3 --version 2>&1 || echo no python3))."; \
	  echo "Install one (for example: apt install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11"; \
	  exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Explorer needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV); the first time this takes a few minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements/constraints.txt -e '.[test]'
	@touch $(STAMP)

run: setup
	$(BIN)/explorer

lint: style types

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup
	$(BIN)/pyright

browser: setup
	$(BIN)/pytest tests/browser -m browser

# Two halves: what computes shares the cores, then the browser, which leaves a part of them to the types.
test: style
	$(BIN)/pytest $(TESTS) -m "not browser" -n 2 --dist worksteal
	$(MAKE) --jobs 2 types browser

bench: setup
	$(BIN)/explorer bench $(BENCH)

pictures: setup
	$(BIN)/python -m tests.browser.pictures

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
