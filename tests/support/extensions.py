"""Small projects with native code, one for each way in which they are built."""

from __future__ import annotations

C_PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
    '[project]\nname = "plainc"\nversion = "1.0"\n',
    "setup.py": "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('plainc', ['plainc.c'])])\n",
    "plainc.c": """\
#include <Python.h>
#include <math.h>
static PyObject *answer(PyObject *self, PyObject *args) {
    double x;
    if (!PyArg_ParseTuple(args, "d", &x)) return NULL;
    return PyFloat_FromDouble(exp(x));
}
static PyMethodDef methods[] = {{"answer", answer, METH_VARARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "plainc", NULL, -1, methods};
PyMODINIT_FUNC PyInit_plainc(void) { return PyModule_Create(&module); }
""",
}

_CPP = """\
#include <Python.h>
#include <stdexcept>
#include <string>
#include <vector>
static PyObject *answer(PyObject *, PyObject *args) {
    long count;
    if (!PyArg_ParseTuple(args, "l", &count)) return nullptr;
    try {
        if (count < 0) throw std::invalid_argument("negative");
        std::vector<std::string> words(static_cast<size_t>(count), "ab");
        std::string all;
        for (const auto &word : words) all += word;
        return PyUnicode_FromStringAndSize(all.data(), static_cast<Py_ssize_t>(all.size()));
    } catch (const std::exception &error) {
        PyErr_SetString(PyExc_ValueError, error.what());
        return nullptr;
    }
}
static PyMethodDef methods[] = {{"answer", answer, METH_VARARGS, ""}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "NAME", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_NAME() { return PyModule_Create(&module); }
"""

CPP_PROJECT = {
    "pyproject.toml": C_PROJECT["pyproject.toml"].replace("plainc", "pluscpp"),
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(ext_modules=[Extension('pluscpp', ['pluscpp.cpp'], extra_compile_args=['-std=c++17'])])\n",
    "pluscpp.cpp": _CPP.replace("NAME", "pluscpp"),
}

CYTHON_PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=77", "Cython>=3.0"]\n'
    'build-backend = "setuptools.build_meta"\n[project]\nname = "cythonic"\nversion = "1.0"\n',
    "setup.py": "from Cython.Build import cythonize\nfrom setuptools import setup\n"
    "setup(ext_modules=cythonize(['cythonic.pyx']))\n",
    "cythonic.pyx": "def answer(long count):\n    cdef long i, total = 0\n    for i in range(count):\n"
    "        total += i\n    return total\n",
}

MESON_PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["meson-python>=0.16", "ninja"]\nbuild-backend = "mesonpy"\n'
    '[project]\nname = "mesonic"\nversion = "1.0"\n',
    "meson.build": "project('mesonic', 'cpp', version: '1.0', default_options: ['cpp_std=c++17'])\n"
    "py = import('python').find_installation(pure: false)\n"
    "py.extension_module('mesonic', 'mesonic.cpp', install: true)\n",
    "mesonic.cpp": _CPP.replace("NAME", "mesonic"),
}

SCIKIT_PROJECT = {
    "pyproject.toml": '[build-system]\nrequires = ["scikit-build-core>=0.10", "cmake>=3.26,<4.2", "ninja"]\n'
    'build-backend = "scikit_build_core.build"\n[project]\nname = "cmakeic"\nversion = "1.0"\n',
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.26)\nproject(cmakeic LANGUAGES CXX)\n"
    "find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)\n"
    "python_add_library(cmakeic MODULE cmakeic.cpp WITH_SOABI)\ninstall(TARGETS cmakeic DESTINATION .)\n",
    "cmakeic.cpp": _CPP.replace("NAME", "cmakeic"),
}

PROJECTS = {
    "plainc": (C_PROJECT, "plainc.answer(0.0)", 1.0),
    "pluscpp": (CPP_PROJECT, "pluscpp.answer(3)", "ababab"),
    "cythonic": (CYTHON_PROJECT, "cythonic.answer(5)", 10),
    "mesonic": (MESON_PROJECT, "mesonic.answer(2)", "abab"),
    "cmakeic": (SCIKIT_PROJECT, "cmakeic.answer(1)", "ab"),
}
"""By module: the project's files, an expression that calls the module, and what that gives."""
