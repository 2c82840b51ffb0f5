"""Checks of a script, which go on behind one that fails."""


class Checks:
    count = failures = 0

    def check(self, good, *what):
        self.count += 1
        if not good:
            self.failures += 1
            print("FAILED", *what)

    def end(self, least=1):
        """Says how many there were, and is the status; fewer than `least` are too few."""
        print(f"{self.count} checks, {self.failures} failures")
        return 1 if self.failures or self.count < least else 0
