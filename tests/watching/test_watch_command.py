"""`slspack watch` as its users run it: a process of its own, real files, read by its events."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from slspack.cli.main import run
from slspack.errors import ExitStatus
from tests.support.services import write_files
from tests.support.watching import Watching, failed, functions, rebuilt

SERVICE = {
    "slspack.yml": """
        runtime: python3.13
        functions:
          api: api.handler
          job: job.handler
    """,
    "api.py": """
        from shared import text

        def handler(event, context):
            return text.VALUE
    """,
    "job.py": """
        def handler(event, context):
            return "job"
    """,
    "shared/__init__.py": "",
    "shared/text.py": "VALUE = 1\n",
}


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return write_files(tmp_path / "service", SERVICE)


def watching(service: Path, *arguments: str) -> Watching:
    return Watching(service, service.parent, *arguments)


def read(service: Path, function: str, name: str) -> str:
    with zipfile.ZipFile(service / ".slspack" / "dist" / f"{function}.zip") as artifact:
        return artifact.read(name).decode()


def save(path: Path, text: str, temporary: Path | None = None) -> None:
    """Save at once, as many editors do; by default through a file that is not in the service."""
    temporary = temporary or Path(*path.parts[: path.parts.index("service")], "saved")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def test_a_day_of_editing(service: Path) -> None:
    with watching(service) as events:
        first = events.until(rebuilt("api", "job"))
        assert (first["build"], first["first"], first["manifest"]) == (1, True, ".slspack/dist/manifest.json")

        save(service / "shared" / "text.py", "VALUE = 2\n")
        assert events.until(rebuilt("api"))["changed"] == ["shared/text.py"]
        assert read(service, "api", "shared/text.py") == "VALUE = 2\n"

        save(service / "job.py", "def handler(event, context):\n    return 'renamed'\n", service / ".job.py.x7")
        events.until(rebuilt("job"))
        assert "renamed" in read(service, "job", "job.py")

        save(service / "api.py", "def handler(event, context:\n    return 1\n")
        assert '"SLS0303"' in json.dumps(events.until(failed)["errors"])
        assert "text.VALUE" in read(service, "api", "api.py"), "the last good artifact stays"

        save(service / "api.py", "def handler(event, context):\n    return 'mended'\n")
        events.until(rebuilt("api"))
        assert "mended" in read(service, "api", "api.py")
        assert events.end() == ExitStatus.DONE
    told = events.errors.read_text("utf-8")
    assert "  > 1 | def handler(event, context:\n" in told
    assert told.endswith("stopped\n")


def test_functions_come_and_go_with_the_configuration(service: Path) -> None:
    with watching(service) as events:
        events.until(rebuilt("api", "job"))
        text = (service / "slspack.yml").read_text()
        save(service / "slspack.yml", f"{text}  extra: job.handler\n")
        events.until(rebuilt("extra"))
        assert (service / ".slspack" / "dist" / "extra.zip").is_file()
        save(service / "slspack.yml", text)
        events.until(lambda event: event.get("removed") == ["extra"])
        assert not (service / ".slspack" / "dist" / "extra.zip").exists()


def test_a_broken_start_waits_for_its_mend(service: Path) -> None:
    good = (service / "slspack.yml").read_text()
    (service / "slspack.yml").unlink()
    with watching(service) as events:
        assert events.until(failed)["build"] == 1
        save(service / "slspack.yml", good)
        events.until(rebuilt("api", "job"))
        assert events.end(signal.SIGTERM) == ExitStatus.DONE
    assert "failed in" in events.errors.read_text("utf-8")


@pytest.mark.parametrize("form", ["zip", "dir"])
def test_output_inside_the_service_starts_nothing(service: Path, form: str) -> None:
    (service / "real").mkdir()
    (service / "out").symlink_to("real")
    with watching(service, "--out", str(service / "out"), "--format", form) as events:
        assert events.until(rebuilt("api", "job"))["build"] == 1
        save(service / "job.py", "def handler(event, context):\n    return 2\n")
        assert events.next()["changed"] == ["job.py"]
        assert functions(events.next()) == ["job"]
        save(service / "shared" / "text.py", "VALUE = 3\n")
        assert events.next()["changed"] == ["shared/text.py"], "nothing was built in between"


def test_a_command_runs_after_each_good_build(service: Path) -> None:
    line = 'echo "$SLSPACK_CHANGED_FUNCTIONS" > "$SLSPACK_OUTPUT/told.tmp" && mv "$SLSPACK_OUTPUT/told.tmp" told.txt'
    with watching(service, "--exec", line) as events:
        # `told.txt` stands in the service, so that it starts a build, in which nothing differs.
        events.until(lambda event: event["event"] == "built" and event["changed"] == ["told.txt"])
        assert (service / "told.txt").read_text() == "api job\n"
        save(service / "job.py", "def handler(event, context):\n    return 2\n")
        events.until(rebuilt("job"))
        events.until(lambda event: event["event"] == "built" and event["changed"] == ["told.txt"])
        assert (service / "told.txt").read_text() == "job\n"


def test_polling(service: Path) -> None:
    with watching(service, "--poll", "20", "--debounce", "5") as events:
        events.until(rebuilt("api", "job"))
        save(service / "job.py", "def handler(event, context):\n    return 2\n")
        events.until(rebuilt("job"))


def test_a_branch_switch(service: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=service, check=True, capture_output=True)

    save(service / ".gitignore", ".slspack/\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    names = [f"part{number % 20}/m{number}.py" for number in range(1000)]
    imports = "".join(f"import {name[:-3].replace('/', '.')}\n" for name in names)
    write_files(service, dict.fromkeys(names, "") | {"job.py": f"{imports}def handler(event, context): ...\n"})
    save(service / "shared" / "text.py", "VALUE = 'other'\n")
    git("add", ".")
    git("commit", "-qm", "two")
    git("checkout", "-q", "main")
    with watching(service) as events:
        events.until(rebuilt("api", "job"))
        git("checkout", "-q", "other")
        events.until_each_of("api", "job")
        assert read(service, "api", "shared/text.py") == "VALUE = 'other'\n"
        assert "import part19.m999" in read(service, "job", "job.py")
        git("checkout", "-q", "main")
        events.until_each_of("api", "job")
        assert read(service, "api", "shared/text.py") == "VALUE = 1\n"


def test_what_it_needs_is_named_where_it_is_missing(
    service: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "watchfiles" else object())
    assert run(["watch", "-C", str(service)]) == ExitStatus.MACHINE_LACKS
    assert capsys.readouterr().err == (
        "error[SLS0906]: `slspack watch` needs `watchfiles`, which a plain installation leaves out\n"
        "  hint: install what it needs beside slspack: `pip install 'slspack[watch]'`\n"
    )


@pytest.mark.parametrize("out", [".", ".."])
def test_the_service_itself_is_no_place_for_its_artifacts(
    service: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["watch", "-C", str(service), "--out", str(service / out)]) == ExitStatus.WRONG_USAGE
    assert "is, or holds, the folder that is watched: each build would start the next" in capsys.readouterr().err
