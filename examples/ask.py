#!/usr/bin/env python3
"""ask.py CDB ADDRESS [HOST]: asks a compiled rule file, and says which rule answered."""
import sys

import postern


def main() -> int:
    try:
        with postern.Rules(sys.argv[1]) as rules:
            decision = rules.decide(*sys.argv[2:4])
            print(decision.verdict.name.lower())
            if decision.rule is not None:
                print("by", rules.origin(decision.rule).target)
    except postern.Error as error:  # whatever went wrong
        print(f"deny: {error}")
        return 1
    if decision.allowed:
        for name, value in decision.environ.items():
            print(f"{name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
