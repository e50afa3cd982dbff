"""slspack's own part in the hooks, and what the core calls without one."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import slspack
from slspack.plugins.builtin import BUILTINS, builtins_of
from slspack.plugins.hookspecs import HOOKS, Calling, HookSpecs, calling_of
from slspack.plugins.host import Host
from slspack.plugins.loading import load
from slspack.plugins.results import RESULTS

PACKAGE = Path(slspack.__file__).parent
WITHOUT_A_HOOK = {
    "slspack.builds": "files out of a build image, which settings name",
    "slspack.container": "container images of planned artifacts",
    "slspack.bundle": "the plan, segments and writers: what an artifact is",
    "slspack.live": "what an emulator's processes read",
    "slspack.memory": "what is recalled",
    "slspack.store": "where content is kept",
    "slspack.trace": "tracing and closures, which hooks amend",
    "slspack.wheels": "downloading what is locked",
    "slspack.report": "the tables and text of the command line",
    "slspack.housekeeping": "the store's limits",
    "slspack.hooks": "the lines of shell of a service",
    "slspack.registry": "clients of indexes",
    "slspack.check": "what native code there is, for those who judge it",
}
"""What the walk through the stages calls by itself, and what that is."""
RULES_WITHOUT_A_HOOK = {
    "slspack.excludes": (
        "read before there is an artifact: `slspack_collect_entries` puts in, `slspack_amend_entries` takes out",
        {
            "bundle.patterns",
            "migrating.leftovers",
            "migrating.sam",
            "trace.data",
            "trace.handler",
            "trace.named",
            "trace.vendored",
        }
        | {"watching.ignored"},
    ),
    "slspack.wheels.prune": (
        "what no artifact holds is not in the segments that they share; `slspack_prune_wheel` leaves out more",
        {"bundle.segments", "wheels.selecting"},
    ),
    "slspack.bundle.strip": (
        "it decides on the bytes of segments, too: plugins alter them by `slspack_transform_wheel`",
        {"bundle.members", "bundle.renewal", "bundle.segments"},
    ),
}
"""What decides on content deeper down: why, and who calls it; plugins have a word of their own."""
THROUGH_HOOKS = {"resolve_with_uv", "resolve_with_pip_tools", "read_requirement_set", "read_source", "find_source"}
THROUGH_HOOKS |= {"IsolatedBuilder", "HostBuilder", "open_cross_builder"}
WALK = (
    "pipeline",
    "analysis",
    "planning",
    "layers",
    "builtlayers",
    "limits",
    "segmenting",
    "nativecode",
    "output",
    "beginning",
    "locking",
    "edges",
    "engine/engine",
)


def imported_by(module: str) -> set[str]:
    """The modules of slspack that a module imports anywhere, but for type checkers only."""
    return {one.rpartition(":")[0] for one in names_imported_by(module)}


def names_imported_by(module: str) -> set[str]:
    """The same, with every name that it takes of them: `module:name`."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text("utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and id(n) not in typing_only]
    return {f"{n.module}:{one.name}" for n in imports if str(n.module).startswith("slspack.") for one in n.names}


def test_what_the_walk_calls_without_a_hook() -> None:
    neutral = {
        "slspack.codes",
        "slspack.collector",
        "slspack.cores",
        "slspack.errors",
        "slspack.frozen",
        "slspack.keys",
        "slspack.looks",
        "slspack.model",
        "slspack.stamps",
    }
    neutral |= {
        "slspack.options",
        "slspack.plugins",
        "slspack.targets",
        "slspack.progress",
        "slspack.request",
        "slspack.tree",
    }
    walk = {f"slspack.{name.replace('/', '.')}" for name in WALK} | {"slspack.engine", "slspack.resolve"}
    called = {name for module in WALK for name in imported_by(module)}
    packages = {".".join(name.split(".")[:2]) for name in called} - neutral - walk
    assert packages - {"slspack.config"} == set(WITHOUT_A_HOOK)


@pytest.mark.parametrize("module", RULES_WITHOUT_A_HOOK)
def test_who_calls_rules_without_a_hook(module: str) -> None:
    reason, callers = RULES_WITHOUT_A_HOOK[module]
    sources = [path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")]
    assert {one.replace("/", ".") for one in sources if module in imported_by(one)} == callers
    named = set(re.findall(r"`(slspack_\w+)`", reason))
    assert named
    assert named <= set(HOOKS)


def test_readers_resolvers_and_checks_are_called_through_hooks_alone() -> None:
    ours = {one.function.rpartition(":")[2] for one in BUILTINS} | THROUGH_HOOKS
    for module in (*WALK, "resolve/resolving", "resolve/pylock_writer"):
        taken = {name.rpartition(":")[2] for name in names_imported_by(module)}
        assert not taken & ours, module


@pytest.mark.parametrize("builtin", BUILTINS, ids=lambda one: one.name)
def test_each_of_ours_takes_what_its_hook_gives(builtin: object) -> None:
    import inspect

    (one,) = [each for each in BUILTINS if each is builtin]
    module, _, name = one.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    taken = [each for each in inspect.signature(getattr(HookSpecs, one.hook)).parameters if each != "self"]
    inspect.signature(function).bind(**dict.fromkeys(taken))


def test_with_plugins_ours_are_registered_with_pluggy_too(tmp_path: Path) -> None:
    from slspack.looks import Looks
    from slspack.model import PluginUse
    from slspack.plugins.finding import Wanted

    source = (
        "from slspack.plugins import hookimpl\nslspack_interface = 1\n@hookimpl\ndef slspack_check_plan(plan): pass\n"
    )
    (tmp_path / "p.py").write_text(source)
    host = Host([load(Wanted(PluginUse("./p.py")), tmp_path, {}, Looks())])
    manager = host._open()
    names = {f"slspack:{one.name}" for one in BUILTINS}
    assert {name for name, _ in manager.list_name_plugin()} == {*names, "p"}
    assert [one.plugin_name for one in manager.hook.slspack_resolve.get_hookimpls()] == [
        "slspack:pip-tools",
        "slspack:uv",
    ]


def test_every_hook_says_how_it_is_called_and_what_it_gives() -> None:
    assert set(RESULTS) == set(HOOKS)
    assert {calling_of(hook) for hook in HOOKS} == set(Calling)
    for hook in HOOKS:
        result = RESULTS[hook]
        assert result is None or result.load()
        first = getattr(HookSpecs, hook).slspack_spec["firstresult"]
        assert bool(first) is (calling_of(hook) is Calling.FIRST)
        assert not (calling_of(hook) is Calling.IN_TURN and builtins_of(hook))
        assert "```python\n@hookimpl\n" in (getattr(HookSpecs, hook).__doc__ or "").replace("        ", "")
