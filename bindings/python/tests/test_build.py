"""What pip installs: a wheel, out of the standard library alone."""
import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile

import postern
import postern_build
from support import Case

WHEEL = f"postern-{postern.__version__}-py3-none-any.whl"


class Building(Case):
    def test_a_wheel(self):
        self.assertEqual(postern_build.build_wheel(self.folder), WHEEL)
        with zipfile.ZipFile(self.path(WHEEL)) as wheel:
            files = {name: wheel.read(name) for name in wheel.namelist()}
        record = files.pop(f"postern-{postern.__version__}.dist-info/RECORD").decode()
        for name, data in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            self.assertIn(f"{name},sha256={digest},{len(data)}\n", record)
        with open(postern.__file__, "rb") as module:
            text = module.read()
        self.assertEqual((files["postern.py"], files["postern-stubs/__init__.pyi"]), (text, text))
        with open(self.path(WHEEL), "rb") as wheel:
            before = wheel.read()
        postern_build.build_wheel(self.folder)
        with open(self.path(WHEEL), "rb") as wheel:
            self.assertEqual(wheel.read(), before)

    def test_a_wheel_is_imported(self):
        for build in (postern_build.build_wheel, postern_build.build_editable):
            with zipfile.ZipFile(self.path(build(self.folder))) as wheel:
                wheel.extractall(self.path(build.__name__))
            done = subprocess.run(
                [sys.executable, "-B", "-I", "-c",
                 "import site, sys; site.addsitedir(sys.argv[1])\n"
                 "import importlib.metadata, postern\n"
                 "print(importlib.metadata.version('postern'), postern.version())",
                 self.path(build.__name__)], capture_output=True, text=True, check=False)
            self.assertEqual(done.stdout.split(), [postern.__version__] * 2, done.stderr)

    def test_an_archive_of_the_source_builds_the_same(self):
        postern_build.build_wheel(self.folder)
        shutil.move(self.path(WHEEL), self.path("first"))
        with tarfile.open(self.path(postern_build.build_sdist(self.folder))) as archive:
            archive.extractall(self.folder)
        source = self.path(f"postern-{postern.__version__}")
        subprocess.run([sys.executable, "-B", "-c", "import postern_build; "
                        "postern_build.build_wheel('..')"], cwd=source, check=True)
        with open(self.path("first"), "rb") as one, open(self.path(WHEEL), "rb") as two:
            self.assertEqual(one.read(), two.read())
        self.assertTrue(os.path.exists(os.path.join(source, "PKG-INFO")))
