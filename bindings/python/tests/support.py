"""What the tests share: compiled rule files, and the programs that make them."""
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "..", "..", "..", "examples")


def postern(*words, text=None, cwd=None):
    """The tool, which the driver has named."""
    return subprocess.run([os.environ["POSTERN_TOOL"], *words], input=text, cwd=cwd,
                          capture_output=True, check=True).stdout


class Case(unittest.TestCase):
    """A test with a folder of its own, and rule files in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def compiled(self, text, name="rules.cdb"):
        """The path of a compiled file of these rules. It is replaced as a whole."""
        text = text if isinstance(text, bytes) else text.encode()
        postern("compile", "-", "-o", self.path(name), text=text)
        return self.path(name)

    def example(self, name):
        out = self.path(name + ".cdb")
        postern("compile", os.path.join(EXAMPLES, name + ".rules"), "-o", out)
        return out
