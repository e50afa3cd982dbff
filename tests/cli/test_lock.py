"""`slspack lock`: what it writes, what it stays with, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.wheels import make_sdist, make_wheel, sha256_of

if TYPE_CHECKING:
    from tests.support.bench import Bench

ONE = "functions: {api: app.handler}\nruntime: python3.13\n"
HANDLER = "import web\n\ndef handler(event, context):\n    return web\n"


@pytest.fixture
def service(bench: Bench) -> Bench:
    """A function that imports `web`, which needs `base`; of both there are two versions."""
    assert bench.index is not None
    for version in ("1.0", "1.1"):
        make_wheel(bench.index.folder, "base", version)
        make_wheel(bench.index.folder, "web", version, requires=["base"])
    bench.write({"slspack.yml": ONE, "app.py": HANDLER, "requirements.in": "web==1.0\n"})
    return bench


def hide(service: Bench, *files: str) -> None:
    """Let the index lose files until `show`."""
    assert service.index is not None
    for file in files:
        (service.index.folder / file).rename(service.root.parent / file)


def show(service: Bench, *files: str) -> None:
    assert service.index is not None
    for file in files:
        (service.root.parent / file).rename(service.index.folder / file)


NEWER = ("base-1.1-py3-none-any.whl", "web-1.1-py3-none-any.whl")


def test_a_requirements_file_has_hashes_of_every_file_and_who_wants_it(service: Bench) -> None:
    assert service.index is not None
    make_sdist(service.index.folder, "web", "1.0")
    done = service.slspack("lock", "--format", "requirements")
    assert done.status == 0, done.err
    assert "requirements.txt: written, 2 distributions" in done.err
    folder = service.index.folder
    web = sorted(sha256_of(folder / name) for name in ("web-1.0-py3-none-any.whl", "web-1.0.tar.gz"))
    assert (service.root / "requirements.txt").read_text("utf-8") == (
        "#\n# This file is written by slspack. To write it anew, run:\n#\n"
        "#    slspack lock --format requirements\n#\n# Made from: requirements.in\n#\n"
        f"base==1.1 \\\n    --hash=sha256:{sha256_of(folder / 'base-1.1-py3-none-any.whl')}\n    # via web\n"
        f"web==1.0 \\\n    --hash=sha256:{web[0]} \\\n    --hash=sha256:{web[1]}\n    # via -r requirements.in\n"
    )


def test_later_builds_read_it_and_a_second_lock_changes_nothing(service: Bench) -> None:
    service.slspack("lock", "--format", "requirements")
    built = service.slspack("build", "--json")
    assert built.status == 0, built.err
    held = built.manifest["functions"]["api"]["distributions"]
    assert [(one["name"], one["version"], one["direct"]) for one in held] == [
        ("base", "1.1", False),
        ("web", "1.0", True),
    ]
    again = service.slspack("lock", "--format", "requirements")
    assert "requirements.txt: unchanged" in again.err


def test_versions_stay_until_they_are_upgraded(service: Bench) -> None:
    hide(service, *NEWER)
    service.write({"requirements.in": "web\n"})
    assert service.slspack("lock").status == 0
    show(service, *NEWER)
    assert "pylock.toml: unchanged, 2 distributions" in service.slspack("lock").err
    # What is kept on this machine gives way to what the file says.
    service.write({"requirements.in": "web>=0.5\n"})
    assert [line for line in service.slspack("lock").err.splitlines() if line.startswith("  ")] == []
    upgraded = service.slspack("lock", "--upgrade", "web")
    assert upgraded.err.splitlines()[-2:] == ["pylock.toml: written, 2 distributions", "  ~ web 1.0 -> 1.1"]
    assert service.slspack("lock", "--upgrade").err.splitlines()[-1] == "  ~ base 1.0 -> 1.1"


def test_the_same_with_pip_tools_and_a_requirements_file(service: Bench) -> None:
    hide(service, *NEWER)
    service.write({"slspack.yml": f"{ONE}resolver: pip-tools\n", "requirements.in": "web\n"})
    assert service.slspack("lock", "--format", "requirements").status == 0
    show(service, *NEWER)
    service.write({"requirements.in": "web>=0.5\n"})
    kept = service.slspack("lock", "--format", "requirements")
    assert "->" not in kept.err, kept.err
    upgraded = service.slspack("lock", "--format", "requirements", "--upgrade", "Base")
    assert upgraded.err.splitlines()[-1] == "  ~ base 1.0 -> 1.1"


def test_what_is_added_and_removed_is_shown(service: Bench) -> None:
    assert service.index is not None
    make_wheel(service.index.folder, "solo")
    service.slspack("lock")
    service.write({"requirements.in": "solo\n", "app.py": "def handler(event, context): ...\n"})
    assert service.slspack("lock").err.splitlines()[-3:] == ["  - base 1.1", "  + solo 1.0", "  - web 1.0"]


def test_check_writes_nothing_and_says_what_differs(service: Bench) -> None:
    missing = service.slspack("lock", "--check")
    assert missing.status == 1
    assert "error[SLS0214]: there is no `pylock.toml`" in missing.err
    assert not (service.root / "pylock.toml").exists()
    service.slspack("lock")
    assert service.slspack("lock", "--check").status == 0
    before = (service.root / "pylock.toml").read_bytes()
    service.write({"requirements.in": "web==1.1\n"})
    outdated = service.slspack("lock", "--check")
    assert outdated.status == 1
    assert "error[SLS0214]: `pylock.toml` is out of date: ~ web 1.0 -> 1.1" in outdated.err
    assert (service.root / "pylock.toml").read_bytes() == before


@pytest.mark.parametrize("made_by", ["", "# This file is autogenerated by pip-compile with Python 3.13\n"])
def test_a_file_of_somebody_elses_is_never_replaced(service: Bench, made_by: str) -> None:
    service.write({"deploy.txt": f"{made_by}web==1.0\n"})
    refused = service.slspack("lock", "--format", "requirements", "--output", "deploy.txt")
    assert refused.status == 2
    assert "error[SLS0215]: `deploy.txt` is there, and slspack has not written it" in refused.err
    assert (service.root / "deploy.txt").read_text("utf-8") == f"{made_by}web==1.0\n"


def test_a_handwritten_requirements_txt_stays_an_input(service: Bench) -> None:
    (service.root / "requirements.in").unlink()
    service.write({"requirements.txt": "web\n"})
    assert service.slspack("lock", "--format", "requirements").status == 0
    assert (service.root / "requirements.txt").read_text("utf-8") == "web\n"
    assert "# Made from: requirements.txt" in (service.root / "requirements.lock.txt").read_text("utf-8")
    # Named as the requirements, it is what builds read, and still made from the other.
    service.write({"slspack.yml": f"{ONE}requirements: requirements.lock.txt\n"})
    assert "requirements.lock.txt: unchanged" in service.slspack("lock", "--format", "requirements").err


def test_a_name_that_no_lock_has_cannot_be_upgraded(service: Bench) -> None:
    refused = service.slspack("lock", "--upgrade", "wep")
    assert refused.status == 2
    assert "error[SLS0216]: `wep` cannot be upgraded: no lock of the service has it" in refused.err
    assert "did you mean `web`?" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["web"], "names are those to upgrade: add --upgrade"),
        (["--per-function"], "--per-function is for --format requirements"),
    ],
)
def test_words_that_contradict_each_other(service: Bench, words: list[str], said: str) -> None:
    refused = service.slspack("lock", *words)
    assert refused.status == 2
    assert said in refused.err


def test_a_file_for_each_function(service: Bench) -> None:
    assert service.index is not None
    make_wheel(service.index.folder, "solo")
    service.write(
        {
            "slspack.yml": "functions: {api: app.handler, job: job.handler}\nruntime: python3.13\n",
            "requirements.in": "web\nsolo\n",
            "job.py": "import solo\ndef handler(event, context): ...\n",
        }
    )
    done = service.slspack("lock", "--format", "requirements", "--per-function")
    assert done.status == 0, done.err
    read = {path.name: path.read_text("utf-8") for path in (service.root / "requirements").iterdir()}
    pins = {name: [line.split()[0] for line in text.splitlines() if "==" in line] for name, text in read.items()}
    assert pins == {"api.txt": ["base==1.1", "web==1.1"], "job.txt": ["solo==1.0"]}
    assert "#    slspack lock --format requirements --per-function\n" in read["job.txt"]
    assert service.slspack("lock", "--format", "requirements", "--per-function", "--check").status == 0


def test_versions_that_differ_between_targets_have_markers(service: Bench) -> None:
    service.write(
        {
            "slspack.yml": "functions:\n  api: {handler: app.handler, runtime: python3.13}\n"
            "  old: {handler: app.handler, runtime: python3.12}\n",
            "requirements.in": "web==1.0 ; python_version < '3.13'\nweb==1.1 ; python_version >= '3.13'\n",
        }
    )
    done = service.slspack("lock", "--format", "requirements")
    assert done.status == 0, done.err
    text = (service.root / "requirements.txt").read_text("utf-8")
    assert "web==1.0 ; python_version == '3.12' \\\n" in text
    assert "web==1.1 ; python_version == '3.13' \\\n" in text
    assert "requirements.txt: unchanged" in service.slspack("lock", "--format", "requirements").err
    built = service.slspack("build", "--json")
    assert {
        name: [one["version"] for one in function["distributions"] if one["name"] == "web"]
        for name, function in built.manifest["functions"].items()
    } == {"api": ["1.1"], "old": ["1.0"]}
