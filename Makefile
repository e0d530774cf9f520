# make run   - set up what is missing, open the terminal        (ARGS='"AAPL GP" --text' for one page)
# make test  - set up what is missing, run every test           (ARGS='tests/store -k split' for some)
# make check - style, types, floors        make bench - measurements        make clean - forget .venv
# make gallery - every figure as an HTML file, from the embedded data      (ARGS=folder)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
BASE := $(VENV)/.installed-base
DEV := $(VENV)/.installed-dev
HALF := $(VENV)/.installing
PACKAGES := terminal engine providers store d3_export
JS := d3_export/npm/node_modules/.package-lock.json
WORKERS ?= 3
ARGS ?=

# The interpreter that makes .venv: PYTHON=... or the first of these that is 3.11 or newer.
PYTHON ?=
PYTHONS := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A stamp holds the folder it was made for: a copied or moved tree is installed anew.
$(shell for stamp in $(BASE) $(DEV); do \
    [ "$$(cat $$stamp 2>/dev/null)" = "$(CURDIR)" ] || rm -f $$stamp; done)

.PHONY: help install install-dev run test check lint-js bench gallery clean

help:
	@sed -n 's/^# make/make/p' Makefile

install: $(BASE)
	@$(PY) hatch_build.py || true  # D3, where the install could not get it; nothing where it is there

install-dev: $(DEV)
	@:

run: $(BASE)
	@exec $(VENV)/bin/asof $(ARGS)

test: $(DEV)
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

check: $(DEV)
	$(PY) -m ruff check .
	$(PY) -m mypy --strict -p engine -p store -p providers -p d3_export
	$(PY) -m pytest tests/test_floors.py
	@$(MAKE) lint-js

# The scripts inside HTML files. Without the npm registry nothing else is held up by it.
lint-js: $(DEV)
	@if $(MAKE) $(JS); then cd d3_export && $(abspath $(PY)) ../hatch_build.py node npm/node_modules/.bin/eslint \
	    -c npm/eslint.config.mjs js; else echo "JavaScript is not linted: eslint is not to be had here" >&2; fi

$(JS): d3_export/npm/package-lock.json
	@cd d3_export/npm && $(abspath $(PY)) ../../hatch_build.py npm ci --ignore-scripts --no-audit --no-fund >/dev/null
	@touch $(JS)

bench: $(DEV)
	$(PY) -m benchmarks $(ARGS)

gallery: $(DEV)
	$(PY) -m terminal.gallery $(ARGS)

clean:
	rm -rf d3_export/npm/node_modules $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are written last: what was interrupted is done again. D3 is fetched by the install (hatch_build.py).
INPUTS := pyproject.toml constraints.txt hatch_build.py d3_export/npm/package-lock.json

$(BASE): $(INPUTS)
	$(call set-up,.)
	@echo "$(CURDIR)" > $(BASE)

$(DEV): $(INPUTS)
	$(call set-up,.[dev])
	@echo "$(CURDIR)" | tee $(BASE) > $(DEV)

# A venv where there is none that works (a killed install leaves .installing behind), the packages
# at their tested versions, bytecode ahead of the first start (without it the first screen takes four times as long).
define set-up
	@if [ -e $(HALF) ] || ! $(PY) -m pip --version >/dev/null 2>&1; then \
	    for python in $(PYTHONS); do \
	        if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	    done; \
	    if [ -z "$${found:-}" ]; then echo "asof needs Python 3.11 or newer: make PYTHON=/path/to/python3 ..." >&2; exit 1; fi; \
	    echo "Making $(VENV) with $$($$found --version)"; \
	    $$found -m venv --clear $(VENV) || { echo "Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	fi
	@echo "Installing $(1) into $(VENV): about a minute, once"
	@touch $(HALF); \
	$(PY) -m pip install --no-compile --progress-bar off -e '$(1)' -c constraints.txt \
	    | { grep --line-buffered -E '^(Collecting|Installing collected)' || true; } | cut -c -110 \
	    || { rm -f $(HALF); exit 1; }; \
	rm -f $(HALF)
	@[ -n "$${ASOF_WITHOUT_D3:-}" ] || $(PY) hatch_build.py || true  # what a build does not say aloud
	@$(PY) -m compileall -q -j 0 $$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))') $(PACKAGES) \
	    >/dev/null 2>&1 || true  # templates inside packages are not all Python
endef
