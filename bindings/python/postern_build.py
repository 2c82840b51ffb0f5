"""Builds what pip installs, out of the standard library: so that it takes no network, nor anything
that is installed (PEP 517). The types stand beside the module, as stubs."""
import base64
import hashlib
import os
import re
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {"postern.py": "postern.py", "postern-stubs/__init__.pyi": "stubs/__init__.pyi"}
SOURCES = ("postern.py", "stubs/__init__.pyi", "postern_build.py", "pyproject.toml")


def _read(name):
    with open(os.path.join(HERE, name), "rb") as file:
        return file.read()


def _version():
    return re.search(rb'^__version__ = "(.*)"$', _read("postern.py"), re.M).group(1).decode()


def _metadata():
    return (f"Metadata-Version: 2.1\nName: postern\nVersion: {_version()}\n"
            "Summary: Access rules for TCP services: decide by libpostern\n"
            "License: ISC\nRequires-Python: >=3.9\n").encode()


def _wheel(folder, files):
    info = f"postern-{_version()}.dist-info"
    files = {**files, f"{info}/METADATA": _metadata(),
             f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: postern_build\n"
                              b"Root-Is-Purelib: true\nTag: py3-none-any\n"}
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    out = f"postern-{_version()}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, out), "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)  # the same bytes whenever: its day is the first there is
            entry.external_attr, entry.compress_type = 0o100644 << 16, zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    return out


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The module and its types."""
    return _wheel(wheel_directory, {name: _read(path) for name, path in FILES.items()})


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """For pip install -e: where the module is."""
    return _wheel(wheel_directory, {"postern.pth": (HERE + "\n").encode()})


def build_sdist(sdist_directory, config_settings=None):
    """What a wheel is built from."""
    top = f"postern-{_version()}"
    with tarfile.open(os.path.join(sdist_directory, top + ".tar.gz"), "w:gz",
                      format=tarfile.PAX_FORMAT, dereference=True) as archive:
        for name in SOURCES:
            archive.add(os.path.join(HERE, name), f"{top}/{name}")
        path = os.path.join(sdist_directory, "PKG-INFO")
        with open(path, "wb") as out:
            out.write(_metadata())
        archive.add(path, f"{top}/PKG-INFO")
        os.remove(path)
    return top + ".tar.gz"
