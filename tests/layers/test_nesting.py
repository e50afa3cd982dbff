"""`zip: true`: distributions in an archive inside the artifact, unpacked when the function starts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import package_index
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MB = 1 << 20
FRAMEWORK = """\
service: shop
provider: {name: aws, runtime: python3.11}
package: {individually: true}
custom: {pythonRequirements: {zip: true}}
functions:
  api: {handler: src/api.handler}
"""
PLAIN = '''\
"""The handler's own words."""

from __future__ import annotations

import numpad
from . import near


def handler(event, context):
    return [numpad.VALUE, near.VALUE, __name__, __doc__, numpad.__file__]
'''
UNZIPPING = "try:\n    import unzip_requirements\nexcept ImportError:\n    pass\n\n" + PLAIN.replace(
    "from __future__ import annotations\n", ""
).replace('"""The handler\'s own words."""\n', "")
CALL = """\
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
print(json.dumps(importlib.import_module("src.api").handler(None, None)))
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with package_index(tmp_path / "index") as index:
        files = {"numpad/__init__.py": "VALUE = 'numpad'\n", "numpad/tool": "#!/bin/sh\n"}
        make_wheel(index.folder, "numpad", files=files, executable=("numpad/tool",))
        service = Bench(tmp_path / "service", tmp_path / "store", index)
        service.write({"requirements.txt": "numpad\n", "src/api.py": PLAIN, "src/near.py": "VALUE = 'near'\n"})
        service.write({"serverless.yml": FRAMEWORK})
        yield service


def unpack(bench: Bench, task: Path) -> Path:
    with zipfile.ZipFile(bench.artifact("api")) as archive:
        archive.extractall(task)
    return task


def start(task: Path, scratch: Path) -> subprocess.Popen[str]:
    """A process that calls the handler, with a temporary folder of its own."""
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", CALL, str(task)],
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate()
    assert process.returncode == 0, err
    given: list[str] = json.loads(out)
    return given


def test_a_handler_that_knows_of_it_stays_as_it_is(bench: Bench, tmp_path: Path) -> None:
    bench.write({"src/api.py": UNZIPPING})
    bench.build()
    assert bench.names_in("api") == [".requirements.zip", "src/api.py", "src/near.py", "unzip_requirements.py"]
    assert bench.read_from("api", "src/api.py").decode() == UNZIPPING
    task = unpack(bench, tmp_path / "task")
    assert ended(start(task, tmp_path / "scratch"))[:2] == ["numpad", "near"]


def test_any_other_handler_has_it_done_in_its_place(bench: Bench, tmp_path: Path) -> None:
    bench.build()
    assert bench.names_in("api") == [
        ".requirements.zip", "src/api.py", "src/api.slspack.py", "src/near.py", "unzip_requirements.py",
    ]  # fmt: skip
    assert bench.read_from("api", "src/api.slspack.py").decode() == PLAIN
    task = unpack(bench, tmp_path / "task")
    value, near, name, words, file = ended(start(task, tmp_path / "scratch"))
    assert (value, near, name, words) == ("numpad", "near", "src.api", "The handler's own words.")
    assert file.startswith(str(tmp_path / "scratch"))


def test_processes_that_start_at_once_unpack_one_folder(bench: Bench, tmp_path: Path) -> None:
    bench.build()
    task = unpack(bench, tmp_path / "task")
    first = [ended(process) for process in [start(task, tmp_path / "scratch") for _ in range(4)]]
    (folder,) = (tmp_path / "scratch").iterdir()
    before = folder.joinpath("numpad/__init__.py").stat().st_mtime_ns
    again = ended(start(task, tmp_path / "scratch"))
    assert [*first, again] == [again] * 5
    assert folder.joinpath("numpad/__init__.py").stat().st_mtime_ns == before
    assert os.access(folder / "numpad/tool", os.X_OK)


def test_other_distributions_have_another_folder(bench: Bench) -> None:
    bench.build()
    before = bench.read_from("api", "unzip_requirements.py")
    bench.write({"src/near.py": "VALUE = 'edited'\n"})
    bench.build()
    assert bench.read_from("api", "unzip_requirements.py") == before
    assert bench.index is not None
    make_wheel(bench.index.folder, "numpad", "2.0", {"numpad/__init__.py": "VALUE = 'two'\n"})
    bench.write({"requirements.txt": "numpad==2.0\n"})
    bench.build()
    assert bench.read_from("api", "unzip_requirements.py") != before


def test_the_nested_archive_is_the_same_bytes_in_any_build(bench: Bench, tmp_path: Path) -> None:
    first = bench.build()["functions"]["api"]["sha256"]
    other = Bench(tmp_path / "elsewhere", tmp_path / "other store", bench.index)
    other.write({path: bench.root.joinpath(path).read_bytes() for path in ("serverless.yml", "requirements.txt")})
    other.write({path: bench.root.joinpath(path).read_bytes() for path in ("src/api.py", "src/near.py")})
    assert other.build()["functions"]["api"]["sha256"] == first
    with zipfile.ZipFile(io.BytesIO(bench.read_from("api", ".requirements.zip"))) as nested:
        assert nested.testzip() is None
        assert "numpad/__init__.py" in nested.namelist()
    with zipfile.ZipFile(bench.artifact("api")) as archive:
        assert archive.testzip() is None
        assert archive.getinfo(".requirements.zip").compress_type == zipfile.ZIP_STORED


def test_an_edit_of_the_handler_reaches_its_source_aside(bench: Bench) -> None:
    first = bench.build()["functions"]["api"]
    assert bench.build()["functions"]["api"]["cached"] is True
    bench.write({"src/api.py": PLAIN + "# edited\n"})
    edited = bench.build()["functions"]["api"]
    assert edited["sha256"] != first["sha256"]
    assert bench.read_from("api", "src/api.slspack.py").decode() == PLAIN + "# edited\n"
    assert edited["unzipped_bytes"] == first["unzipped_bytes"] + len("# edited\n")


def test_what_is_nested_may_be_larger_than_the_limit(bench: Bench) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "vast", files={"vast/__init__.py": "", "vast/data.bin": bytes(260 * MB)})
    bench.write({"requirements.txt": "numpad\nvast\n", "src/api.py": PLAIN + "import vast\n"})
    record = bench.build()["functions"]["api"]
    assert record["unzipped_bytes"] < MB
    assert {one["name"]: one["bytes"] >= 260 * MB for one in record["distributions"]} == {"numpad": False, "vast": True}
    bench.write({"serverless.yml": FRAMEWORK.replace("zip: true", "zip: false")})
    assert "SLS0701" in bench.slspack("build").err


def test_what_is_nested_must_fit_into_the_functions_storage(bench: Bench) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "vast", files={"vast/__init__.py": "", "vast/data.bin": bytes(520 * MB)})
    bench.write({"requirements.txt": "vast\n", "src/api.py": "import vast\ndef handler(event, context): ...\n"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "the distributions of `api` unpack to 520.1 MB, its `/tmp` holds 512 MB: vast 520.1 MB" in result.err
    larger = FRAMEWORK.replace("api.handler}", "api.handler, ephemeralStorageSize: 1024}")
    bench.write({"serverless.yml": larger})
    assert bench.slspack("plan").status == 0


def test_a_handler_in_a_distribution_cannot_be_wrapped(bench: Bench) -> None:
    bench.write({"serverless.yml": FRAMEWORK.replace("src/api.handler", "numpad.handler")})
    result = bench.slspack("build")
    assert result.status == 1
    assert "SLS0616" in result.err
    assert "`numpad.handler` is no source file of the service, so that nothing can be unpacked before it" in result.err


def test_a_folder_has_its_distributions_unpacked(bench: Bench) -> None:
    bench.build("--format", "dir")
    assert bench.folder("api").joinpath("numpad/__init__.py").is_file()
    assert bench.folder("api").joinpath("src/api.py").read_text() == PLAIN


def test_a_functions_own_setting_counts(bench: Bench) -> None:
    own = (
        "service: shop\nruntime: python3.11\nzip: true\n"
        "functions: {api: src/api.handler, web: {handler: src/api.handler, zip: false}}\n"
    )
    bench.root.joinpath("serverless.yml").unlink()
    bench.write({"slspack.yml": own})
    bench.build()
    assert ".requirements.zip" in bench.names_in("api")
    assert "numpad/__init__.py" in bench.names_in("web")


def test_functions_that_share_an_artifact_share_its_archive(bench: Bench, tmp_path: Path) -> None:
    bench.write({"serverless.yml": FRAMEWORK.replace("individually: true", "individually: false")})
    bench.build()
    with zipfile.ZipFile(bench.artifact("shop")) as archive:
        archive.extractall(tmp_path / "task")
    assert ended(start(tmp_path / "task", tmp_path / "scratch"))[0] == "numpad"


def test_an_import_without_a_guard_is_no_missing_requirement(bench: Bench) -> None:
    bench.write({"src/api.py": "import unzip_requirements\n" + PLAIN.replace("from __future__ import annotations", "")})
    assert bench.slspack("build").status == 0
