# include .../ci/make/lint.mk, and `make lint` lints RULES; `make lint-fix` mends them.
# Patterns of the shell, which names of files cannot put commands into.
RULES ?= *.rules
POSTERN ?= postern
LINTFLAGS ?=
# Where a change is judged, TARGET is what it is for, such as origin/main: its .postern counts,
# and else none, nor a comment that excuses. LIMITS= takes what lies here, of your own.
TARGET ?=
LIMITS ?= $(if $(TARGET),--config '$(TARGET):.postern',--no-config) --no-ignores

.PHONY: lint lint-fix
lint:
	$(POSTERN) lint --root . $(LIMITS) --format gcc $(LINTFLAGS) -- $(RULES)
lint-fix:
	$(POSTERN) lint --root . --fix $(LINTFLAGS) -- $(RULES)
