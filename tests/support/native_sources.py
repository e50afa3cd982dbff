"""Small source trees with extension modules, as sdists have them once they are unpacked."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_C = """\
#include <Python.h>
%(head)s
static PyObject *answer(PyObject *self, PyObject *unused) { %(body)s }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "%(name)s", 0, -1, methods};
PyMODINIT_FUNC PyInit_%(name)s(void) { return PyModule_Create(&module); }
"""

_SETUP = """\
from setuptools import Extension, setup
setup(name="%(name)s", version="1.0", ext_modules=[Extension("%(name)s", ["%(source)s"], %(more)s)])
"""


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


def c_source(
    folder: Path, name: str = "cext", *, head: str = "", body: str = "return PyLong_FromLong(42);", more: str = ""
) -> Path:
    """A legacy project, without pyproject.toml: `NAME.answer()` runs `body`."""
    return write_tree(
        folder,
        {
            "setup.py": _SETUP % {"name": name, "source": f"{name}.c", "more": more},
            f"{name}.c": _C % {"name": name, "head": head, "body": body},
        },
    )


def cpp_source(folder: Path, name: str = "cppext") -> Path:
    """C++ with pyproject.toml, whose backend asks for nothing more."""
    body = 'std::vector<std::string> all{"forty", "two"}; return PyUnicode_FromString((all[0] + all[1]).c_str());'
    source = _C % {"name": name, "head": "#include <string>\n#include <vector>\n", "body": body}
    return write_tree(
        folder,
        {
            "pyproject.toml": (
                '[build-system]\nrequires = ["setuptools>=68"]\nbuild-backend = "setuptools.build_meta"\n'
            ),
            "setup.py": _SETUP % {"name": name, "source": f"{name}.cpp", "more": ""},
            f"{name}.cpp": source,
        },
    )


def cython_source(folder: Path, name: str = "cyext") -> Path:
    """Cython, named by the backend's hook and not by pyproject.toml: the second request for requirements."""
    return write_tree(
        folder,
        {
            "pyproject.toml": (
                '[build-system]\nrequires = ["setuptools>=68"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            ),
            "backend.py": (
                "from setuptools.build_meta import *\n"
                "def get_requires_for_build_wheel(config_settings=None):\n    return ['cython>=3,<4']\n"
            ),
            "setup.py": (
                "from setuptools import setup\nfrom Cython.Build import cythonize\n"
                f'setup(name="{name}", version="1.0", ext_modules=cythonize(["{name}.pyx"]))\n'
            ),
            f"{name}.pyx": "def answer():\n    return sum(i * i for i in range(4)) * 3\n",
        },
    )


_BACKEND = """\
import os, pathlib, subprocess, sys, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name, version = "{name}", "1.0"
    files = {{}}
{body}
    tag = "py3-none-any" if not any(one.endswith(".so") for one in files) else "py3-none-linux_x86_64"
    info = f"{{name}}-{{version}}.dist-info"
    files[f"{{info}}/METADATA"] = f"Metadata-Version: 2.1\\nName: {{name}}\\nVersion: {{version}}\\n"
    files[f"{{info}}/WHEEL"] = f"Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: {{tag}}\\n"
    files[f"{{info}}/RECORD"] = "".join(f"{{one}},,\\n" for one in [*files, f"{{info}}/RECORD"])
    with zipfile.ZipFile(os.path.join(wheel_directory, f"{{name}}-{{version}}-{{tag}}.whl"), "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)
    return f"{{name}}-{{version}}-{{tag}}.whl"
"""


def own_backend(folder: Path, name: str, body: str) -> Path:
    """A project that brings its build backend: it requires nothing, so it is quick. `body` fills `files`."""
    backend = _BACKEND.format(name=name, body=indent(dedent(body), "    "))
    return write_tree(
        folder,
        {
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
            "backend.py": backend,
        },
    )
