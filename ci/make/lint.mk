# include .../ci/make/lint.mk, and `make lint` lints RULES; `make lint-fix` mends them.
RULES ?= $(filter-out %_test.rules,$(wildcard *.rules))
POSTERN ?= postern
LINTFLAGS ?=

.PHONY: lint lint-fix
lint:
	$(POSTERN) lint --format gcc $(LINTFLAGS) $(RULES)
lint-fix:
	$(POSTERN) lint --fix $(LINTFLAGS) $(RULES)
