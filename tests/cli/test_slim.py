"""`slim` and `strip`, as users of serverless-python-requirements have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.elf import make_elf, make_module, with_debug_information
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

OWN = "runtime: python3.13\nfunctions:\n  api: app.handler\n"
FRAMEWORK = """\
service: shop
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions:
  api: {handler: app.handler}
custom:
  pythonRequirements:
"""
MODULE = "fast/_core.cpython-313-x86_64-linux-gnu.so"
WHOLE = with_debug_information(make_module("_core"), b"compiled at home" * 400)
INFO = "fast-1.0.dist-info"
EVERYTHING = {
    MODULE,
    "app.py",
    "fast/__init__.py",
    "fast/typed.pyi",
    f"{INFO}/METADATA",
    f"{INFO}/WHEEL",
    f"{INFO}/entry_points.txt",
}


@pytest.fixture
def service(bench: Bench) -> Bench:
    """A function that imports `fast`."""
    assert bench.index
    files: dict[str, str | bytes] = {"fast/__init__.py": "", "fast/typed.pyi": "", MODULE: WHOLE}
    tag = "cp313-cp313-manylinux_2_28_x86_64"
    make_wheel(bench.index.folder, "fast", "1.0", files, tag=tag, entry_points="[fast]\nx = fast\n")
    bench.write(
        {"requirements.txt": "fast==1.0\n", "app.py": "import fast\n\n\ndef handler(event, context):\n    pass\n"}
    )
    return bench


@pytest.mark.parametrize(
    ("settings", "missing", "is_stripped"),
    [
        ("", set(), False),
        ("slim: true\n", {f"{INFO}/WHEEL"}, True),
        ("slim: true\nstrip: false\n", {f"{INFO}/WHEEL"}, False),
        ("strip: true\n", set(), True),
        ("slim: true\nslimPatterns: ['**/*.pyi']\n", {f"{INFO}/WHEEL", "fast/typed.pyi"}, True),
        ("slim: true\nslimPatterns: ['**/*.pyi']\nslimPatternsAppendDefaults: false\n", {"fast/typed.pyi"}, True),
        (
            "slim: true\nslimPatterns: ['**/*.dist-info*']\n",
            {f"{INFO}/WHEEL", f"{INFO}/METADATA", f"{INFO}/entry_points.txt"},
            True,
        ),
        ("slimPatterns: ['**/*.pyi']\n", set(), False),
    ],
)
def test_each_setting(settings: str, missing: set[str], is_stripped: bool, service: Bench) -> None:
    service.write({"slspack.yml": OWN + "prune: 'off'\n" + settings})
    manifest = service.build()
    assert set(service.names_in("api")) == EVERYTHING - missing
    content = service.read_from("api", MODULE)
    assert (len(content) < len(WHOLE), b"compiled at home" not in content) == (is_stripped, is_stripped)
    contents = sum(len(service.read_from("api", name)) for name in service.names_in("api"))
    assert manifest["functions"]["api"]["unzipped_bytes"] == contents


def test_the_plugins_own_settings_count(service: Bench) -> None:
    slim = "    slim: true\n    slimPatterns: ['**/*.pyi']\n"
    service.write({"serverless.yml": FRAMEWORK + slim})
    service.build()
    assert not {"fast/typed.pyi", f"{INFO}/WHEEL"} & set(service.names_in("api"))
    assert len(service.read_from("api", MODULE)) < len(WHOLE)
    service.write({"serverless.yml": FRAMEWORK + "    strip: true\n"})
    service.build()
    assert service.read_from("api", MODULE) == WHOLE  # there, `strip` belongs to `slim`


def test_an_artifact_that_stays_keeps_its_size_in_the_manifest(service: Bench) -> None:
    service.write({"slspack.yml": OWN + "strip: true\n"})
    first = service.build()["functions"]["api"]
    service.write({"other.py": ""})
    second = service.build()["functions"]["api"]
    assert (second["cached"], second["unzipped_bytes"]) == (True, first["unzipped_bytes"])


def test_folders_are_stripped_as_well(service: Bench) -> None:
    service.write({"slspack.yml": OWN + "strip: true\n"})
    assert service.slspack("build", "--format", "dir").status == 0
    assert (service.folder("api") / MODULE).stat().st_size < len(WHOLE)


def test_a_stripped_library_is_checked(service: Bench) -> None:
    assert service.index
    files: dict[str, str | bytes] = {
        "fast/__init__.py": "",
        "fast/libfast.so": with_debug_information(make_elf(machine="aarch64"), bytes(3000)),
    }
    make_wheel(service.index.folder, "fast", "2.0", files, tag="py3-none-manylinux_2_28_x86_64")
    service.write({"slspack.yml": OWN + "strip: true\n", "requirements.txt": "fast==2.0\n"})
    assert "error[SLS0711]: `fast/libfast.so` of `fast` 2.0 cannot be loaded" in service.slspack("build").err
