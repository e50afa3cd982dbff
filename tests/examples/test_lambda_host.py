"""The stand-in for Lambda with which examples are run: it must hide what Lambda would not have."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.lambda_host import HandlerError, invoke, run

PYTHON = Path(sys.executable)


def make_zip(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_calls_the_handler_with_the_event_and_a_context(tmp_path: Path) -> None:
    artifact = make_zip(
        tmp_path, {"app.py": "def handler(event, context):\n    return [event['a'], context.function_name]\n"}
    )
    assert invoke(artifact, "app.handler", {"a": 1}, PYTHON) == [1, "function"]


def test_a_slash_in_the_handler_means_a_dot(tmp_path: Path) -> None:
    artifact = make_zip(tmp_path, {"src/my-app.py": "def handler(event, context):\n    return __name__\n"})
    assert invoke(artifact, "src/my-app.handler", None, PYTHON) == "src.my-app"


def test_a_folder_is_as_good_as_a_zip(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os\ndef handler(event, context):\n    return os.getcwd()\n")
    assert invoke(tmp_path, "app.handler", None, PYTHON) == str(tmp_path.resolve())
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]


def test_nothing_but_the_artifact_and_the_standard_library_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "elsewhere.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(outside))
    monkeypatch.chdir(outside)
    artifact = make_zip(
        tmp_path,
        {
            "app.py": "import importlib.util\n"
            "def handler(event, context):\n"
            "    return [name for name in event if importlib.util.find_spec(name)]\n"
        },
    )
    names = ["app", "json", "sqlite3", "pytest", "pip", "slspack", "elsewhere", "lambda_bootstrap"]
    assert invoke(artifact, "app.handler", names, PYTHON) == ["app", "json", "sqlite3"]


def test_variables_of_this_process_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "value")
    artifact = make_zip(tmp_path, {"app.py": "import os\ndef handler(event, context):\n    return dict(os.environ)\n"})
    seen = invoke(artifact, "app.handler", None, PYTHON, environment={"GIVEN": "yes"})
    assert "SECRET" not in seen
    assert seen["GIVEN"] == "yes"
    assert seen["AWS_REGION"] == "eu-central-1"


def test_what_is_printed_is_kept_apart_from_the_result(tmp_path: Path) -> None:
    source = 'import json\ndef handler(event, context):\n    print(json.dumps({"n": event}))\n    return event + 1\n'
    outcome = run(make_zip(tmp_path, {"app.py": source}), "app.handler", [1, 2], PYTHON)
    assert outcome.results == (2, 3)
    assert outcome.logged() == [{"n": 1}, {"n": 2}]


def test_the_modules_that_were_imported_are_told(tmp_path: Path) -> None:
    artifact = make_zip(tmp_path, {"app.py": "import helper\nhandler = print\n", "helper.py": "", "unused.py": ""})
    modules = run(artifact, "app.handler", [], PYTHON).modules
    assert {"app", "helper"} <= modules
    assert "unused" not in modules


def test_a_failing_import_brings_its_traceback(tmp_path: Path) -> None:
    artifact = make_zip(tmp_path, {"app.py": "print('so far')\nimport absent\n"})
    with pytest.raises(HandlerError) as caught:
        invoke(artifact, "app.handler", None, PYTHON)
    assert caught.value.type == "ModuleNotFoundError"
    assert caught.value.message == "No module named 'absent'"
    assert 'app.py", line 2' in str(caught.value)
    assert "so far" in str(caught.value)


def test_a_missing_attribute_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(HandlerError, match="has no attribute 'handler'"):
        invoke(make_zip(tmp_path, {"app.py": ""}), "app.handler", None, PYTHON)


def test_a_result_that_is_not_json_is_a_failure(tmp_path: Path) -> None:
    artifact = make_zip(tmp_path, {"app.py": "def handler(event, context):\n    return {1, 2}\n"})
    with pytest.raises(HandlerError, match="not JSON serializable"):
        invoke(artifact, "app.handler", None, PYTHON)


def test_a_handler_that_ends_the_interpreter_is_told_with_its_output(tmp_path: Path) -> None:
    source = "import os\ndef handler(event, context):\n    print('last words', flush=True)\n    os._exit(7)\n"
    with pytest.raises(AssertionError, match=r"(?s)ended with status 7.*last words"):
        invoke(make_zip(tmp_path, {"app.py": source}), "app.handler", None, PYTHON)


def test_executable_bits_are_unpacked(tmp_path: Path) -> None:
    source = (
        "import subprocess\ndef handler(event, context):\n    return subprocess.check_output(['./tool'], text=True)\n"
    )
    path = tmp_path / "function.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", source)
        tool = zipfile.ZipInfo("tool")
        tool.create_system, tool.external_attr = 3, 0o100755 << 16
        archive.writestr(tool, "#!/bin/sh\necho works\n")
    assert invoke(path, "app.handler", None, PYTHON) == "works\n"
