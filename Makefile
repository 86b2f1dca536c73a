# Each of these does all of its own set-up; only Python 3.12 or later has to be there.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { echo $$p; break; }; done)
IN_VENV = .venv/bin/python
# The folders whose messages are translated.
TRANSLATED = config console webhooks orders chat templates
PYBABEL = $(IN_VENV) -m babel.messages.frontend
INSTALLED = .venv/.installed
install_group = $(IN_VENV) -m pip install --quiet --disable-pip-version-check $$($(IN_VENV) -c \
	"import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['$(1)'])")
COMPILE = $(IN_VENV) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.12 --generate-hashes \
	--no-header --no-annotate

.PHONY: setup run demo test test-clocks test-matrix chaos bench bench-large bench-admin bench-setup lock messages screenshots lint mutants

run: setup
	@exec $(IN_VENV) manage.py run

demo: setup
	@exec $(IN_VENV) manage.py play $(ARGS)

test: setup
	@$(IN_VENV) -m pytest $(or $(ARGS),-n 2 --dist loadfile)

test-clocks: setup
	@$(IN_VENV) -m tests.clocks $(ARGS)

test-matrix:
	@$(PYTHON) -m tests.matrix $(ARGS)

chaos: setup
	@$(IN_VENV) -m tests.chaos $(ARGS)

bench: bench-setup
	@$(IN_VENV) -m benchmarks $(ARGS)

bench-large: bench-setup
	@EVENTS=10000000 $(IN_VENV) -m benchmarks growth

bench-admin: bench-setup
	@$(IN_VENV) -m benchmarks admin

bench-setup: setup
	@$(IN_VENV) -c "import django_tasks_db" 2>/dev/null || $(call install_group,bench)

mutants: setup
	@$(IN_VENV) -c "import mutmut" 2>/dev/null || $(call install_group,mutants)
	@$(IN_VENV) -m tests.mutants $(ARGS)

# Regenerates the hashed requirements, for every supported Python; versions stay unless ARGS=--upgrade asks for newer.
lock: setup
	@$(IN_VENV) -c "import uv" 2>/dev/null || $(call install_group,lock)
	@$(COMPILE) $(ARGS) --output-file requirements.txt
	@$(COMPILE) $(ARGS) --group dev --constraint requirements.txt --output-file requirements-dev.txt

screenshots: setup
	@SCREENSHOTS=docs $(IN_VENV) -m pytest tests/browser/test_screenshots.py

messages: setup
	@mkdir -p var
	@$(PYBABEL) --quiet extract --mapping pyproject.toml --add-location file --sort-by-file --no-wrap \
		--output var/django.pot $(TRANSLATED)
	@$(PYBABEL) --quiet update --domain django --input-file var/django.pot --output-dir config/locale \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	@$(PYBABEL) compile --domain django --directory config/locale --statistics

lint: setup
	@$(IN_VENV) -m tests.lint

setup: $(INSTALLED)

$(INSTALLED): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.12 or later is needed, and none was found (looked for python3, python3.14, python3.13, python3.12); install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up the environment in .venv (once) ..."
	@$(PYTHON) -m venv --clear .venv || { echo "The environment could not be made: does this Python have venv? (Debian: apt install python3-venv)" >&2; exit 1; }
	@$(IN_VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(INSTALLED)
