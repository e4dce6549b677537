# `make` alone lists the commands.

PYTHON ?= $(shell command -v python3.11 || command -v python3)

.DEFAULT_GOAL := help
.PHONY: help run test mutants bench format openapi

help: ## List these commands
	@echo "Visa Lookup. Commands:"
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '%-16s %s\n' "$$name" "$$text"; done

run: ## Serve on http://127.0.0.1:8000 (PORT=8080 or DATABASE_URL=postgresql://... override)
	@exec $(PYTHON) -m scripts.run

test: ## Run every check and every test
	@exec $(PYTHON) -m scripts.check

mutants: ## Change the domain one spot at a time and see whether the unit tests notice
	@exec $(PYTHON) -m scripts.mutants

bench: ## Measure the speed, side by side with the usual alternatives
	@exec $(PYTHON) -m scripts.bench

format: ## Put the code and the data files in their canonical form
	@exec $(PYTHON) -m scripts.tidy

openapi: ## Rewrite openapi.json from the code
	@exec $(PYTHON) -m scripts.write_openapi
