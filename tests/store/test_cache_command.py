"""`slspack cache`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slspack.cli import run
from slspack.keys import digest_bytes, key_of
from slspack.store import Kind, Store
from tests.support.services import write_files

if TYPE_CHECKING:
    from pathlib import Path

KEY = key_of("test", 1)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SLSPACK_CACHE_DIR", str(tmp_path / "store"))
    monkeypatch.delenv("SLSPACK_CACHE_MAX_SIZE", raising=False)
    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path / "store")
    store.write(Kind.SEGMENT, KEY, bytes(2000))
    store.write(Kind.WHEEL, digest_bytes(b"wheel"), b"wheel")
    store.close()
    return store


def test_info(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cache", "info"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{store.root}",
        "  wheels           1 objects       5 B",
        "  facts            0 objects       0 B",
        "  imports          0 objects       0 B",
        "  segments         1 objects    2.0 kB",
        "  native           0 objects       0 B",
        "  bytecode         0 objects       0 B",
        "  resolutions      0 objects       0 B",
        "  pages            0 objects       0 B",
        "  sdists           0 objects       0 B",
        "  files            0 objects       0 B",
        "  builds           0 objects       0 B",
        "  all              2 objects    2.0 kB  (limit 10.0 GB)",
    ]


def test_info_as_json(store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLSPACK_CACHE_MAX_SIZE", "none")
    assert run(["cache", "info", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kinds"].pop("segments") == {"objects": 1, "bytes": 2000}
    assert set(document.pop("kinds")) == {
        "wheels",
        "facts",
        "imports",
        "native",
        "bytecode",
        "resolutions",
        "pages",
        "sdists",
        "files",
        "builds",
    }
    assert document == {
        "schema": "slspack-cache/1",
        "location": str(store.root),
        "max_bytes": None,
        "objects": 2,
        "bytes": 2005,
    }


def test_verify(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cache", "verify"]) == 0
    assert capsys.readouterr().out == "2 objects, 0 of them damaged\n"
    path = store.path(Kind.SEGMENT, KEY)
    with path.open("r+b") as stream:
        stream.write(b"!")
    assert run(["cache", "verify"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"removed segments {KEY}: it was altered",
        "2 objects, 1 of them damaged",
    ]
    assert not path.exists()
    store.path(Kind.WHEEL, digest_bytes(b"wheel")).write_bytes(b"whale")
    assert run(["cache", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["damaged"] == [{"kind": "wheels", "key": digest_bytes(b"wheel")}]


def test_prune_and_clear(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cache", "prune", "--max-size", "1kB", "--dry-run"]) == 0
    assert capsys.readouterr().err == "would remove 1 objects, 2.0 kB; 5 B left\n"
    assert run(["cache", "prune"]) == 0
    assert capsys.readouterr().err == "removed 0 objects, 0 B; 2.0 kB left\n"
    assert run(["cache", "prune", "--max-age", "30d"]) == 0
    assert capsys.readouterr().err == "removed 0 objects, 0 B; 2.0 kB left\n"
    assert store.find(Kind.SEGMENT, KEY) is not None
    assert run(["cache", "clear"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "removed 0 objects, 0 B; 2.0 kB left",
        "kept 2 objects, 2.0 kB, which a running process may be using",
    ]
    store.close()
    assert run(["cache", "clear"]) == 0
    assert capsys.readouterr().err == "removed 2 objects, 2.0 kB; 0 B left\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-size", "5x"], "invalid value for '--max-size': `5x` is not a size such as `5GB`, nor `none`"),
        (["--max-size", "none"], "invalid value for '--max-size': name a size such as `5GB`"),
        (["--max-age", "5"], "invalid value for '--max-age': `5` is not an age such as `30d` or `12h`"),
    ],
)
@pytest.mark.usefixtures("store")
def test_limits_that_are_none(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cache", "prune", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_no_store_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SLSPACK_CACHE_DIR", str(tmp_path / "none"))
    assert run(["cache", "clear", "-C", str(tmp_path)]) == 0
    assert capsys.readouterr().err == f"nothing in {tmp_path / 'none'}\n"
    assert run(["cache", "info", "-C", str(tmp_path)]) == 0
    assert not (tmp_path / "none").exists()


def test_the_store_that_a_service_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLSPACK_CACHE_DIR", raising=False)
    text = "runtime: python3.13\nfunctions: {api: app.handler}\ncacheLocation: here\ncacheMaxSize: 3GB\n"
    write_files(tmp_path, {"slspack.yml": text})
    assert run(["cache", "info", "-C", str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["location"], document["max_bytes"]) == (str(tmp_path / "here"), 3_000_000_000)
    write_files(tmp_path, {"slspack.yml": "functions: 7\n"})
    assert run(["cache", "info", "-C", str(tmp_path)]) == 2
    assert run(["cache", "info", "-C", str(tmp_path / "here"), "--config", "no.yml"]) == 2


def test_a_store_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "v1").write_text("a file")
    monkeypatch.setenv("SLSPACK_CACHE_DIR", str(tmp_path / "store"))
    assert run(["cache", "clear", "-C", str(tmp_path)]) == 3
    assert capsys.readouterr().err.splitlines() == [
        f"error[SLS0905]: the store `{tmp_path / 'store'}` cannot be used: File exists",
        "  hint: see to the permissions there, or name another folder with `SLSPACK_CACHE_DIR`",
    ]
