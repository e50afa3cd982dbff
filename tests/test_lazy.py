"""A package that imports its names on demand has all of them, and nothing else by the name of a module."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest

PACKAGES = ("bundle", "model", "registry", "resolve", "targets", "trace", "wheels")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_there(package: str) -> None:
    module = import_module(f"slspack.{package}")
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_also_a_module_that_would_take_its_place(package: str) -> None:
    module = import_module(f"slspack.{package}")
    assert not {found.name for found in iter_modules(module.__path__)} & set(module.__all__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        import_module("slspack.model").nothing  # noqa: B018 (the access is what is tested)
