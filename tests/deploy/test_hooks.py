"""Hooks of a service's own: when they run, what they see, and what a failing one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.bench import Bench

HANDLER = "def handler(event, context): ...\n"
CONFIGURATION = "runtime: python3.13\nfunctions: {a: a.handler, b: b.handler}\n"
RECORD = 'echo "$SLSPACK_HOOK $SLSPACK_FUNCTION $SLSPACK_CACHED" >> ../log'


@pytest.fixture
def service(bench: Bench) -> Bench:
    bench.write({"slspack.yml": CONFIGURATION, "a.py": HANDLER, "b.py": HANDLER})
    return bench


def hooks(service: Bench, lines: Mapping[str, str]) -> None:
    """Configure the hooks."""
    text = "".join(f"  {name}: {line}\n" for name, line in lines.items())
    service.write({"slspack.yml": f"{CONFIGURATION}hooks:\n{text}"})


def log(service: Bench) -> list[str]:
    """What the hooks have recorded since the last look."""
    path = service.root.parent / "log"
    lines = [line.rstrip() for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_they_run_around_every_build_in_order(service: Bench) -> None:
    hooks(service, dict.fromkeys(("before-build", "after-function", "after-build"), RECORD))
    assert service.slspack("build").status == 0
    assert log(service) == ["before-build", "after-function a false", "after-function b false", "after-build"]
    assert service.slspack("build").status == 0
    assert log(service) == ["before-build", "after-function a true", "after-function b true", "after-build"]
    assert service.slspack("build", "-f", "b").status == 0
    assert log(service) == ["before-build", "after-function b true", "after-build"]
    assert service.slspack("plan").status == 0
    assert log(service) == []


def test_what_before_build_makes_is_built(service: Bench) -> None:
    service.write({"a.py": f"import made\n{HANDLER}"})
    hooks(service, {"before-build": "cp ../next.py made.py"})
    for text in ("one = 1\n", "two = 2\n"):
        (service.root.parent / "next.py").write_text(text)
        assert service.slspack("build").status == 0
        assert service.read_from("a", "made.py") == text.encode()


def test_a_hook_that_is_added_changed_or_removed_counts_at_once(service: Bench) -> None:
    assert service.slspack("build").status == 0
    hooks(service, {"afterBuild": "echo one >> ../log"})
    assert service.slspack("build").status == 0
    hooks(service, {"afterBuild": "echo other >> ../log"})
    assert service.slspack("build").status == 0
    service.write({"slspack.yml": CONFIGURATION})
    assert service.slspack("build").status == 0
    assert log(service) == ["one", "other"]


def test_they_find_the_artifact_and_the_manifest(service: Bench) -> None:
    line = 'test -f "$SLSPACK_ARTIFACT" && test -f "$SLSPACK_MANIFEST" && test "$SLSPACK_OUTPUT" = "$PWD/.slspack/dist"'
    hooks(service, {"after-function": f"'{line}'"})
    result = service.spawn("build")
    assert result.status == 0, result.err


def test_what_they_print_does_not_mix_with_the_manifest(service: Bench) -> None:
    hooks(service, {"after-build": "echo told"})
    result = service.spawn("build", "--json")
    assert "a" in result.manifest["functions"]
    assert "told\n" in result.err


def test_a_failing_before_build_leaves_everything_as_it_was(service: Bench) -> None:
    assert service.slspack("build").status == 0
    before = service.artifact("a").read_bytes()
    service.write({"a.py": f"import json\n{HANDLER}"})
    hooks(service, {"before-build": "exit 3"})
    result = service.slspack("build")
    assert (result.status, result.err) == (
        1,
        (
            "error[SLS0130]: the hook `before-build` ended with status 3: `exit 3`\n  --> slspack.yml:4:17\n"
            "  hint: what it printed stands above; the line runs in the service's folder\n"
        ),
    )
    assert service.artifact("a").read_bytes() == before


def test_a_failing_after_function_names_it_and_is_run_again(service: Bench) -> None:
    hooks(service, {"after-function": 'test "$SLSPACK_FUNCTION" = a'})
    for _ in range(2):
        result = service.slspack("build")
        assert result.status == 1
        assert "the hook `after-function` for `b` ended with status 1" in result.err


def test_one_that_a_signal_ends_says_so(service: Bench) -> None:
    hooks(service, {"after-build": "kill -9 $$"})
    assert "the hook `after-build` was ended by signal 9: `kill -9 $$`" in service.slspack("build").err


def test_an_unknown_hook_is_an_error(service: Bench) -> None:
    hooks(service, {"before-deploy": "true"})
    result = service.slspack("build")
    assert result.status == 2
    assert "error[SLS0103]: `hooks.before-deploy` is not a setting of slspack" in result.err
    service.write({"slspack.yml": f"{CONFIGURATION}hooks: make\n"})
    assert "`hooks` must be a map, and is a string" in service.slspack("build").err


FRAMEWORK = """\
service: s
provider: {name: aws, runtime: python3.13}
functions: {a: {handler: a.handler}}
custom: {slspack: {hooks: {after-build: HOOK}}}
"""
TEMPLATE = """\
Metadata: {slspack: {hooks: {after-build: HOOK}}}
Resources:
  a: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.handler}}
"""


@pytest.mark.parametrize(("name", "text"), [("serverless.yml", FRAMEWORK), ("template.yaml", TEMPLATE)])
def test_every_kind_of_configuration_has_them(name: str, text: str, service: Bench) -> None:
    (service.root / "slspack.yml").unlink()
    service.write({name: text.replace("HOOK", "echo yes >> ../log")})
    assert service.slspack("build").status == 0
    assert log(service) == ["yes"]
