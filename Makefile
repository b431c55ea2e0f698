# Everything here works on a fresh machine that has only Python (3.11 to 3.13) and make.

PYTHON ?= python3
BOOTSTRAP := .bootstrap
UV := $(shell command -v uv 2>/dev/null || echo $(BOOTSTRAP)/bin/uv)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help lab check test coverage attack demo data release lock upgrade lint screenshots show new-explorer clean
.DEFAULT_GOAL := help
help:
	@echo "make lab          set up everything and open the course in JupyterLab; INSTRUCTOR=1 with nbgrader's panels"
	@echo "make check        lint, and the tests that are done in a minute: what one edits"
	@echo "make test         set up everything and run all tests, as many at once as there are cores"
	@echo "make coverage     run all tests, and tell which lines and branches of the packages none reaches"
	@echo "make attack       try the attacks: all of them, as root and as a user, then random mixes for five minutes"
	@echo "make demo         grade a sample class and print its gradebook"
	@echo "make release      make quizzes/ anew from solutions/"
	@echo "make lock         renew uv.lock and environment.yml"
	@echo "make upgrade      the same, with the newest version of every package"
	@echo "make lint         format check, lint and types, of Python and JavaScript"
	@echo "make screenshots  take the README's pictures anew"
	@echo "make show NAME=Pooling  show one explorer in the browser, anew whenever one of its files changes"
	@echo "make new-explorer NAME=edge_finder  make a new explorer that works, with its tests, to be changed from there"
	@echo "make clean        remove the environment and the data sets; a class's work stays"

$(BOOTSTRAP)/bin/uv:
	@echo "Setting up: fetching uv, the tool that builds the course's environment ..."
	@$(PYTHON) -m venv $(BOOTSTRAP) || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(BOOTSTRAP)/bin/pip install --quiet --disable-pip-version-check "uv>=0.9"

# Built anew only when the lock, the project file, the version or the JupyterLab extension changed. What the lock brings
# is compiled at once: the sandbox of the grader can't write bytecode, and would compile TensorFlow at each start.
$(READY): pyproject.toml uv.lock hatch_build.py companion/__init__.py $(wildcard companion/labextension/* companion/widgets/*.js) | $(UV)
	@echo "Setting up: installing the course's environment from uv.lock (about 3.5 GB on disk the first time) ..."
	@$(UV) sync --frozen $(if $(filter uv.lock,$?),--compile-bytecode) --python "$(PYTHON)" --reinstall-package cnn-companion
	@touch $(READY)

data: $(READY)
	@$(BIN)/companion data

lab: data
	@$(BIN)/companion lab $(if $(INSTRUCTOR),--instructor)

check: data lint
	@$(BIN)/pytest -n auto -m "not browser and not slow" --ignore tests/attacks

test: data lint
	@echo "Running the tests (browser tests need Chromium and Firefox, see CONTRIBUTING.md) ..."
	@$(BIN)/pytest -n auto

coverage: data
	@$(BIN)/pytest -n auto --cov --cov-report=term-missing

attack: $(READY)
	@$(BIN)/pytest -n auto tests/attacks
	@$(BIN)/python benchmarks/mixed_class.py

demo: $(READY)
	@$(BIN)/autograder demo

release: $(READY)
	@$(BIN)/autograder release --all

lock: $(UV)
	@$(UV) lock
	@$(BIN)/python tests/test_environment.py

upgrade: $(READY)
	@$(UV) lock --upgrade
	@$(BIN)/python tests/test_environment.py
	@echo "Now: make test"

lint: $(READY)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/mypy
	@$(BIN)/deno check --no-remote --quiet companion && $(BIN)/biome lint --error-on-warnings >/dev/null

screenshots: data
	@$(BIN)/python docs/screenshots.py

show: data
	@$(BIN)/python -m tests.explore.page "$(NAME)"

new-explorer: $(READY)
	@$(BIN)/python -m tests.explore.new "$(NAME)"

clean:
	@echo "Removing what can be made again: .venv $(BOOTSTRAP) .cache build dist. A class's work in classroom/ stays."
	@rm -rf .venv $(BOOTSTRAP) .cache build dist
