# What a developer does, one word each; `make` alone lists the words.
# The environment is made on first use and again when its declaration changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
EXTRAS := dev,docs,backends,pretrained,heif,dicom,parquet,onnx,litert,ray
SPHINX := $(BIN)/sphinx-build --fail-on-warning --nitpicky --quiet --jobs 2

# $(call step,name,command): run the command, and close with one line that says how it ended.
step = @if $(2); then echo "ok      $(1)"; else echo "FAILED  $(1)"; exit 1; fi

.DEFAULT_GOAL := help
.PHONY: help check quick demo robustness format docs constraints clean format-check lint types floors test unit

help:  ## list these words
	@sed -n 's/^\([a-z]*\):.*  ## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# Types and documentation keep one core busy each, so they are checked side by side.
check: format-check lint floors  ## everything that CI runs, the environment included
	@$(MAKE) --no-print-directory --jobs 2 types docs
	@$(MAKE) --no-print-directory test
	@echo "ok      everything"

quick: format-check lint types unit  ## the fast loop: format, lint, types, and the tests that take no minutes

demo: $(INSTALLED)  ## the main job on an embedded data set: organize, train, diagnose, report
	$(BIN)/imgclass demo

robustness: $(INSTALLED)  ## try every promise of robustness, and renew the table in the documentation
	$(BIN)/python -m benchmarks.robustness --markdown docs/robustness.inc

format: $(INSTALLED)  ## rewrite the code as ruff would have it
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(INSTALLED)  ## build the documentation into docs/_build, warnings being errors
	$(call step,documentation,$(SPHINX) docs docs/_build)

# What stands behind a plus, as in torch's +cpu, says which build this machine has.
constraints:  ## renew constraints.txt with the newest versions that pyproject.toml allows
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --upgrade setuptools '.[$(EXTRAS)]'
	(grep '^#' constraints.txt; build/constraints/bin/python -m pip freeze --all \
		--exclude pip --exclude imgclass-keras | sed 's/+.*//') > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) build dist docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

format-check: $(INSTALLED)
	$(call step,format,$(BIN)/ruff format --check --quiet)

lint: $(INSTALLED)
	$(call step,lint,$(BIN)/ruff check --quiet)

types: $(INSTALLED)
	$(call step,types,$(BIN)/mypy --no-error-summary)

floors: $(INSTALLED)
	$(call step,floors,$(BIN)/lint-imports --no-logo --no-cache)

test: $(INSTALLED)
	$(call step,tests and doctests,$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder)

unit: $(INSTALLED)
	$(call step,quick tests,$(BIN)/pytest --numprocesses 2 -m "not keras and not thorough")

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Expected Python 3.11 or later; received " + sys.version.split()[0] + "; name another one: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]' --constraint constraints.txt
	@touch $@
	@echo "ok      environment in $(VENV)"
