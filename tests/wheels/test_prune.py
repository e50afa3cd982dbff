"""What pruning takes away, and the traps that it has to keep its hands off."""

from __future__ import annotations

from slspack.wheels.prune import pruned


def _kept(*names: str, requires: tuple[str, ...] = ()) -> list[str]:
    return sorted(set(names) - pruned(names, requires))


def test_test_modules_and_their_data_are_left_out() -> None:
    names = [
        "p/__init__.py",
        "p/tests/__init__.py",
        "p/tests/test_a.py",
        "p/tests/deep/b_test.py",
        "p/tests/conftest.py",
    ]
    assert _kept(*names, "p/tests/data/big.csv") == ["p/__init__.py", "p/tests/__init__.py"]


def test_other_modules_in_a_folder_of_tests_stay() -> None:
    """`astropy/__init__.py` imports `astropy.tests.runner`."""
    names = ["astropy/tests/runner.py", "astropy/tests/test_logger.py", "astropy/tests/_speed.cpython-313-x.so"]
    assert _kept(*names) == ["astropy/tests/_speed.cpython-313-x.so", "astropy/tests/runner.py"]


def test_a_folder_called_tests_without_tests_is_data() -> None:
    assert _kept("p/tests/rules.json", "p/tests/__init__.py") == ["p/tests/__init__.py", "p/tests/rules.json"]


def test_packages_with_test_in_their_names_stay() -> None:
    names = [
        "numpy/testing/__init__.py",
        "django/test/client.py",
        "p/test_support.py",
        "p/test/test_x.py",
        "p/latest.py",
    ]
    assert _kept(*names) == sorted(names)


def test_stubs_are_left_out_but_for_who_reads_them() -> None:
    assert _kept("p/a.py", "p/a.pyi") == ["p/a.py"]
    assert _kept("p/a.py", "p/a.pyi", requires=("lazy_loader (>=0.4)",)) == ["p/a.py", "p/a.pyi"]
    assert _kept("p/_vendor/lazy_loader.py", "p/a.pyi") == ["p/_vendor/lazy_loader.py", "p/a.pyi"]


def test_what_compilers_read_is_left_out() -> None:
    assert _kept("p/include/p.h", "p/core.pxd", "p/core.pyx", "p/libp.a", "p/core.so") == ["p/core.so"]


def test_prose_is_left_out_and_data_in_a_folder_of_that_name_is_not() -> None:
    assert _kept("p/docs/index.rst", "p/docs/deep/a.md") == []
    assert _kept("p/docs/index.rst", "p/docs/template.html") == ["p/docs/index.rst", "p/docs/template.html"]
    assert _kept("p/docs/__init__.py", "p/docs/a.txt") == ["p/docs/__init__.py", "p/docs/a.txt"]
    assert _kept("share/man/man1/p.1", "share/p/data.txt") == ["share/p/data.txt"]


def test_metadata_stays() -> None:
    names = ["p-1.dist-info/METADATA", "p-1.dist-info/entry_points.txt", "p-1.dist-info/docs/a.md"]
    assert _kept(*names) == sorted(names)
