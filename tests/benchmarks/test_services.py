"""The generated services: always the same, whole, and different only where a phase says so."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.services import (
    SERVICES,
    BenchService,
    State,
    flask_service,
    light_service,
    shared_service,
    write_changes,
)

if TYPE_CHECKING:
    from pathlib import Path

SMALL = [flask_service(), shared_service(functions=20, modules=12), light_service(functions=12)]
_every = pytest.mark.parametrize("service", SMALL, ids=lambda service: service.name)


def _digest(service: BenchService, state: State) -> str:
    return hashlib.sha256(repr(sorted(service.files(state).items())).encode()).hexdigest()


def test_the_same_arguments_give_the_same_files_in_every_process() -> None:
    script = (
        "import hashlib; from benchmarks.services import State, light_service;"
        "files = light_service(functions=12).files(State());"
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == _digest(light_service(functions=12), State())


@pytest.mark.parametrize(("functions", "files"), [(20, 200), (100, 1_000), (1_000, 10_000)])
def test_light_services_have_ten_first_party_files_a_function(functions: int, files: int) -> None:
    service = light_service(functions)
    names = [name for name in service.files(State()) if name.endswith(".py")]
    assert (len(service.functions), len(names)) == (functions, files)


def test_the_parameters_count_functions_and_modules() -> None:
    service = shared_service(functions=7, modules=5)
    assert [function.name for function in service.functions] == [f"f{number:02}" for number in range(7)]
    assert len([name for name in service.files(State()) if name.startswith("shop/m")]) == 5


def test_names_of_services_are_their_keys() -> None:
    assert {key: make().name for key, make in SERVICES.items()} == {key: key for key in SERVICES}


@_every
def test_every_import_of_the_package_is_of_a_module_that_is_there(service: BenchService) -> None:
    files = service.files(State())
    for name, text in files.items():
        if not name.endswith(".py"):
            continue
        imported = [
            alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names
        ]
        for module in imported:
            if module.startswith("shop."):
                path = module.replace(".", "/")
                assert f"{path}.py" in files or f"{path}/__init__.py" in files, f"{name} imports {module}"


@_every
def test_every_function_is_pinned_what_it_needs_and_holds_what_it_imports(service: BenchService) -> None:
    for function in service.functions:
        assert set(function.needs) <= service.pins.keys()
        assert service.requirements_of(function, State()).count("==") == len(function.needs)
        for module in function.modules:
            path = module.replace(".", "/")
            assert any(path.startswith(folder) for folder in function.folders)


@_every
def test_a_change_touches_only_the_file_it_is_named_for(service: BenchService) -> None:
    before = service.files(State())

    def changed(state: State) -> list[str]:
        after = service.files(state)
        assert after.keys() == before.keys()
        return [name for name, text in after.items() if before[name] != text]

    assert changed(State()) == []
    assert changed(State(handler_revision=1)) == [f"{service.functions[0].folder}/handler.py"]
    assert changed(State(shared_revision=1)) == ["shop/settings.py"]
    assert changed(State(bumped=True)) == ["requirements.txt"]


@_every
def test_the_bumped_distribution_is_needed_by_a_function_that_is_asked(service: BenchService) -> None:
    name, version = service.bump
    assert service.pins[name] != version
    assert any(name in function.needs for function in service.representatives())
    assert f"{name}=={version}\n" in service.requirements(State(bumped=True))


def test_representatives_are_the_edited_function_and_one_of_each_need() -> None:
    service = shared_service(functions=20, modules=5)
    needs = [function.needs for function in service.representatives()]
    assert len(needs) == len(set(needs)) == len({function.needs for function in service.functions})
    assert service.representatives()[0] == service.functions[0]


def test_handlers_answer_as_expected_after_every_edit(tmp_path: Path) -> None:
    service = light_service(functions=12)
    function = next(function for function in service.functions if not function.needs)
    state = State(handler_revision=3, shared_revision=2)
    write_changes(tmp_path, {}, service.files(state))
    script = f"import json; from functions.{function.name} import handler; print(handler.handler({{}}, None))"
    answer = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ast.literal_eval(answer.stdout) == service.expected(function, state)


def test_writing_changes_leaves_equal_files_alone_and_removes_the_gone(tmp_path: Path) -> None:
    write_changes(tmp_path, {}, {"a.py": "1", "b/c.py": "2", "d.py": "3"})
    kept = (tmp_path / "a.py").stat().st_mtime_ns
    (tmp_path / "a.py").write_text("kept")
    write_changes(tmp_path, {"a.py": "1", "b/c.py": "2", "d.py": "3"}, {"a.py": "1", "b/c.py": "4"})
    assert (tmp_path / "a.py").read_text() == "kept"
    assert (tmp_path / "b/c.py").read_text() == "4"
    assert not (tmp_path / "d.py").exists()
    assert kept


def test_only_the_first_handler_carries_the_edit() -> None:
    service = shared_service(functions=3, modules=4)
    state = replace(State(), handler_revision=5)
    assert [service.expected(function, state)["revision"] for function in service.functions] == [5, 0, 0]
