.DEFAULT_GOAL := help
RUN := python3 bootstrap.py run
COMPILE := $(RUN) uv pip compile --quiet pyproject.toml --universal --generate-hashes --no-header --no-annotate --python-version 3.11

.PHONY: help demo test quick check bench catalogue kill-loop model broken signalled races soak monkey pictures documents single-file requirements

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

demo: ## open the console on the built-in simulator
	python3 bootstrap.py demo

test: ## run the tests
	python3 bootstrap.py test

quick: ## run the tests but the slow ones, in two minutes
	python3 bootstrap.py test --numprocesses=auto --dist=worksteal -m "not slow"

check: ## what CI runs: format, lint, types, import contracts, tests
	python3 bootstrap.py check
	python3 bootstrap.py test

bench: ## measure speed and memory; fail where a bar is missed
	python3 bootstrap.py bench

kill-loop: ## 1,000 × SIGKILL between the dialog and the recorded outcome
	$(RUN) python -m tools.kill_loop --rounds 1000

model: ## 2,000 examples of the state machine
	TESTS_EXAMPLES=2000 TESTS_HANG_AFTER=7200 $(RUN) python -m pytest tests/core/test_state_machine.py

broken: ## an error at every line of a send: the record stays true
	$(RUN) python -m tools.injected

signalled: ## each signal at every step of an interrupt: the record stays true
	$(RUN) python -m tools.signalled

races: ## 12 × 8 processes that press Send at once: one sends
	$(RUN) python -m tools.races

soak: ## 3,000 refreshes with 1 % faults; fail where memory, descriptors or tasks grow
	$(RUN) python -m tools.soak

monkey: ## random keys at the console for two minutes: no crash, no interrupt
	$(RUN) python -m tools.monkey --seconds 120

pictures: ## draw every scene into screenshots/
	$(RUN) python screenshots/take.py

documents: ## draw the tables of the documents and the manual page from the registries
	$(RUN) python -m tools.documents

catalogue: ## draw the Korean catalogue from the source; translations are edited in it
	$(RUN) python -m tools.catalogue update

single-file: ## put the console into one file, in dist/
	$(RUN) python -m tools.single_file

requirements: ## pin what is installed, with hashes
	$(RUN) pip install --quiet uv
	$(COMPILE) --group dev --output-file requirements/dev.txt
	printf 'hatchling\neditables\n' | $(COMPILE:pyproject.toml=-) --constraint requirements/dev.txt --output-file requirements/build.txt
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/run.txt
	$(COMPILE) --constraint requirements/dev.txt --group bench --output-file requirements/bench.txt
