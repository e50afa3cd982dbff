"""Native code that the runtime refuses fails a build, wherever it is from; what was found is kept by wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.elf import make_elf, make_module
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from tests.support.bench import Bench

CONFIGURATION = """\
runtime: python3.13
functions:
  api: app.handler
"""
TAG = "cp313-cp313-manylinux_2_28_x86_64"
MODULE = "fast/_core.cpython-313-x86_64-linux-gnu.so"


@pytest.fixture
def service(bench: Bench) -> Bench:
    """A function that imports `fast`."""
    bench.write(
        {
            "slspack.yml": CONFIGURATION,
            "requirements.txt": "fast==1.0\n",
            "app.py": "import fast\n\n\ndef handler(event, context):\n    return event\n",
        }
    )
    return bench


def offer(bench: Bench, module: bytes) -> None:
    """Put `fast` 1.0 with an extension module into the index."""
    assert bench.index
    make_wheel(bench.index.folder, "fast", "1.0", {"fast/__init__.py": "", MODULE: module}, tag=TAG)


def test_a_wheel_that_loads_is_packaged_and_not_read_again(service: Bench) -> None:
    offer(service, make_module("_core", wants={"libc.so.6": {"GLIBC_2.28": "fcntl64"}}))
    service.build()
    assert MODULE in service.names_in("api")
    kept = list((service.store / "v1/native").rglob("*"))
    assert kept
    for segment in (service.store / "v1/segments").rglob("*"):
        if segment.is_file():
            segment.unlink()
    service.write({"app.py": "import fast\n\n\ndef handler(event, context):\n    return 1\n"})
    service.build()
    assert list((service.store / "v1/native").rglob("*")) == kept


@pytest.mark.parametrize(
    ("module", "code", "words"),
    [
        (
            make_module("_core", wants={"libc.so.6": {"GLIBC_2.38": "__isoc23_strtol"}}),
            "SLS0710",
            "it needs `GLIBC_2.38` (for `__isoc23_strtol`) of `libc.so.6`, Amazon Linux 2023 has up to `GLIBC_2.34`",
        ),
        (make_module("_core", machine="aarch64"), "SLS0711", "it is for aarch64, the function runs on x86_64"),
        (
            make_module("_core", needed=["libpq.so.5"]),
            "SLS0712",
            "it needs `libpq.so.5`, which neither Amazon Linux 2023 nor the artifact has",
        ),
    ],
    ids=["newer glibc", "wrong architecture", "missing library"],
)
def test_a_wheel_that_cannot_be_loaded_is_refused(service: Bench, module: bytes, code: str, words: str) -> None:
    offer(service, module)
    for _ in range(2):
        result = service.slspack("build")
        assert result.status == 1
        assert f"error[{code}]: `{MODULE}` of `fast` 1.0 cannot be loaded: {words}\n" in result.err
        assert "  in: api\n" in result.err
        assert not service.artifact("api").exists()


def test_a_file_of_the_service_that_cannot_be_loaded_is_refused(service: Bench) -> None:
    offer(service, make_module("_core"))
    service.write({"lib/libown.so": make_elf(machine="aarch64")})
    service.write({"slspack.yml": CONFIGURATION + "patterns: ['lib/**']\n"})
    result = service.slspack("build")
    assert result.status == 1
    assert "error[SLS0711]: `lib/libown.so` cannot be loaded: it is for aarch64" in result.err
    service.write({"lib/libown.so": make_elf()})
    assert service.slspack("build").status == 0


def test_folders_are_checked_as_well(service: Bench) -> None:
    offer(service, make_module("_core", needed=["libpq.so.5"]))
    result = service.slspack("build", "--format", "dir")
    assert result.status == 1
    assert "error[SLS0712]" in result.err
    assert not service.folder("api").exists()


def test_a_warning_is_given_again_while_the_artifact_stays(service: Bench) -> None:
    offer(service, make_module("_core"))
    service.write({"tool/run": make_elf(program=True, loader="/lib/ld-musl-x86_64.so.1"), "other.py": ""})
    service.write({"slspack.yml": CONFIGURATION + "patterns: ['tool/**']\n"})
    for text in ("", "# edited\n"):
        service.write({"other.py": text})
        result = service.slspack("build")
        assert result.status == 0
        assert "warning[SLS0712]: `tool/run` cannot run: its dynamic loader" in result.err


@pytest.mark.parametrize(
    "configuration",
    [
        CONFIGURATION + "native: {ignore: [libpq.so.5]}\n",
        CONFIGURATION.replace("app.handler", "{handler: app.handler, native: {ignore: fast}}"),
    ],
    ids=["the service's library", "the function's distribution"],
)
def test_a_finding_that_the_user_knows_better_about(service: Bench, configuration: str) -> None:
    offer(service, make_module("_core", needed=["libpq.so.5"]))
    refused = service.slspack("build")
    assert refused.status == 1
    assert "native: {ignore: ['libpq.so.5']}" in refused.err
    service.write({"slspack.yml": configuration})
    assert service.build()["warnings"] == []
    service.write({"slspack.yml": CONFIGURATION})
    assert service.slspack("build").status == 1


def test_ignoring_is_set_in_a_serverless_yml_too_and_checked(service: Bench) -> None:
    offer(service, make_module("_core", needed=["libpq.so.5"]))
    (service.root / "slspack.yml").unlink()
    head = "service: shop\nprovider: {name: aws, runtime: python3.13}\n"
    function = "functions: {api: {handler: app.handler, slspack: {native: {ignore: ['libpq.*']}}}}\n"
    service.write({"serverless.yml": head + function})
    service.build()
    service.write({"serverless.yml": head + function.replace("ignore:", "ignored:")})
    wrong = service.slspack("build")
    assert wrong.status == 2
    assert "`functions.api.slspack.native.ignored` is not a setting of slspack" in wrong.err
