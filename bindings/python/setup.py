"""One module, and its types: of a module that is no package they stand beside it, as stubs, under a
name that pyproject.toml cannot say."""
from setuptools import setup

setup(py_modules=["postern"], packages=["postern-stubs"],
      package_dir={"postern-stubs": "stubs"}, package_data={"postern-stubs": ["*.pyi"]})
