# Everything goes into .venv, from requirements.lock; pip alone is enough, uv is used where it is present.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
INSTALL = uv pip install --quiet --compile-bytecode --python $(BIN)/python
MAKE_VENV = uv venv --quiet --python $(PYTHON) $(VENV)
else
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
MAKE_VENV = $(PYTHON) -m venv $(VENV)
endif

.PHONY: demo ui test test-all lint bench clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.demo  ## The whole flow on a simulated company
	@$(BIN)/kpi demo

ui: $(VENV)/.demo  ## Dagster on the data of the demo, http://127.0.0.1:3000
	@$(BIN)/kpi ui

test: $(VENV)/.test  ## The test suite, but for what is marked slow
	@$(BIN)/pytest -q -n 2 -m "not slow"

test-all: $(VENV)/.test  ## All of it: every KPI of all companies against the simulated worlds, over HTTP
	@$(BIN)/pytest -q -n 2

lint: $(VENV)/.lint  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.bench  ## Measurements against named peers, as tables
	@$(BIN)/python -m kpi_pipeline_tests.benchmarks

clean:  ## Forget the demo's data and Dagster's event log
	rm -rf .kpi .dagster

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 1; }
	@$(MAKE_VENV)
	@touch $@

# Each target installs only the extras it needs: the demo needs neither Spark nor a browser.
$(VENV)/.demo: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing into $(VENV) (once)"
	@$(INSTALL) -c requirements.lock -e .
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	@echo "Installing what the tests need (once)"
	@$(INSTALL) -c requirements.lock -e '.[test,postgres,spark]'
	@touch $@

$(VENV)/.lint: $(VENV)/.demo
	@$(INSTALL) -c requirements.lock -e '.[lint,test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.demo
	@$(INSTALL) -c requirements.lock -e '.[bench]'
	@touch $@
