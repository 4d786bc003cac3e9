# The commands that developers type. CI runs the same, and `make PYTHON=python3.12 test` another Python's.
PYTHON ?= python

.PHONY: install test quick lint bench docs

install: ## gdlab from this folder, with its tests and its pages
	$(PYTHON) -m pip install -c constraints.txt -e '.[test,docs]'

test: ## everything
	$(PYTHON) -m pytest

quick: ## what failed last time first, up to the first failure, without the slowest parts
	$(PYTHON) -m pytest --failed-first --exitfirst --ignore=tests/test_documentation.py --ignore=tests/test_packaging.py -m 'not browser'

lint: ## style and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench: ## speed and memory beside others: takes minutes, and the machine to itself
	$(PYTHON) -m benchmarks

docs: ## all pages into build/docs; a broken link or docstring is an error
	$(PYTHON) -m sphinx --quiet --fresh-env --fail-on-warning --keep-going docs build/docs
