# Everything here works on a fresh machine that has only Python (3.11 to 3.13) and make.

PYTHON ?= python3
BOOTSTRAP := .bootstrap
UV := $(shell command -v uv 2>/dev/null || echo $(BOOTSTRAP)/bin/uv)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help lab test demo data release lock lint screenshots clean
.DEFAULT_GOAL := help
help:
	@echo "make lab          set up everything and open the course in JupyterLab"
	@echo "make test         set up everything and run all tests"
	@echo "make demo         grade a sample class and print its gradebook"
	@echo "make release      make quizzes/ anew from solutions/"
	@echo "make lock         renew uv.lock and environment.yml"
	@echo "make lint         format check, lint and types"
	@echo "make screenshots  take the README's pictures anew"

$(BOOTSTRAP)/bin/uv:
	@echo "Setting up: fetching uv, the tool that builds the course's environment ..."
	@$(PYTHON) -m venv $(BOOTSTRAP) || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BOOTSTRAP)/bin/pip install --quiet --disable-pip-version-check "uv>=0.9"

# Built anew only when the lock, the project file or the JupyterLab extension changed.
$(READY): pyproject.toml uv.lock hatch_build.py $(wildcard companion/labextension/*) | $(UV)
	@echo "Setting up: installing the course's environment from uv.lock (about 2.8 GB on disk the first time) ..."
	@$(UV) sync --frozen --compile-bytecode --python "$(PYTHON)" --reinstall-package cnn-companion
	@touch $(READY)

data: $(READY)
	@$(BIN)/companion data

lab: data
	@$(BIN)/companion lab

test: data lint
	@echo "Running the tests (a browser test needs Chromium, see CONTRIBUTING.md) ..."
	@$(BIN)/pytest

demo: $(READY)
	@$(BIN)/autograder demo

release: $(READY)
	@$(BIN)/autograder release --all

lock: $(UV)
	@$(UV) lock
	@$(BIN)/python tests/test_environment.py

lint: $(READY)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy

screenshots: data
	@$(BIN)/python docs/screenshots.py

clean:
	rm -rf .venv $(BOOTSTRAP) .cache classroom build dist
