# `make report`: from nothing to an answer. `make test`: from nothing to all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_VENV := .bench-venv
SCENARIO ?= scenarios/pta-and-transit.yaml

.PHONY: report test test-all lint types bench clean

report: $(READY)
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

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

bench: $(BENCH_VENV)/.ready
	OMP_NUM_THREADS=1 $(BENCH_VENV)/bin/python -m bench

$(BENCH_VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .ruff_cache .pytest_cache
