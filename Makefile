# The four commands a person needs; each sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test check bench format lock clean

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

# uv where it is there, else pip: both install the same hashes.
.venv/.ready: requirements.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  test -x $(BIN)/python || uv venv -q --python $(PYTHON) .venv; \
	  uv pip install -q --python $(BIN)/python --require-hashes -r requirements.txt && \
	  uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  test -x $(BIN)/python || $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt && \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

demo: .venv/.ready   ## crawl the bundled sample sites, show what comes out
	@$(BIN)/aggregator demo

test: .venv/.ready   ## the whole test suite
	@$(BIN)/python -m pytest -q -n auto --ignore=tests/browser
	@$(BIN)/python -m pytest -q tests/browser  # apart: a driven browser keeps an event loop running

check: .venv/.ready  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/.ready ## mend what ruff can mend
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

bench: .venv/.ready  ## figures of docs/figures.md, measured again
	@$(BIN)/python -m bench

lock:                ## pin requirements.txt anew from pyproject.toml
	@uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --universal \
	  --python-version 3.11 --no-emit-index-url --no-header -q -o requirements.txt

clean:               ## remove what the commands above made
	@rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
