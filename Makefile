# `make report`: from nothing to an answer. `make test`: from nothing to all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
# Modules are compiled when they are first imported: most of what is installed never is.
INSTALL := -m pip install --no-compile --quiet --disable-pip-version-check -c constraints.txt -e
BENCH_VENV := .bench-venv
SCENARIO ?= scenarios/pta-and-transit.yaml

.PHONY: report test test-all lint types bench clean

report: $(INSTALLED)
	@$(BIN)/sim run $(SCENARIO)

test: $(READY) lint types
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(READY) lint types
	$(BIN)/python -m pytest -n 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

# What analysts use; the tools of checks come with `make test`.
$(INSTALLED): pyproject.toml constraints.txt | $(VENV)
	$(BIN)/python $(INSTALL) '.[all]'
	@touch $@

$(READY): pyproject.toml constraints.txt | $(VENV)
	$(BIN)/python $(INSTALL) '.[dev]'
	# Tests watch which files are written, and a first import writes its module compiled.
	-$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null
	@touch $(INSTALLED) $@

$(VENV) $(BENCH_VENV):
	$(PYTHON) -m venv $@

bench: $(BENCH_VENV)/.ready
	OMP_NUM_THREADS=1 $(BENCH_VENV)/bin/python -m bench

$(BENCH_VENV)/.ready: pyproject.toml constraints.txt | $(BENCH_VENV)
	$(BENCH_VENV)/bin/python $(INSTALL) '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache
