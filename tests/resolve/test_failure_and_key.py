"""uv's failures in our words, and the keys of kept resolutions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import BuilderChoice, BuilderRule, BuildSettings, ImageSettings, Location, Resolver, dist_name
from slspack.registry import IndexConfiguration
from slspack.resolve.kept import KeptLocks, resolution_key
from slspack.resolve.problem import Problem, Unsolvable
from slspack.resolve.requirement_line import parse_requirement
from slspack.resolve.uv import python_platform
from slspack.resolve.uv_failure import explain, redacted
from tests.support.resolving import digest_of, target_of

PROBLEM = Problem(
    (parse_requirement("a==1", Location("requirements.txt", 1, 1)),),
    (parse_requirement("b<2", Location("limits.txt", 1, 1)),),
    target_of(),
    Path("service"),
    IndexConfiguration(index_url="https://index.example/simple"),
    {},
)


@pytest.mark.parametrize(
    ("runtime", "architecture", "expected"),
    [
        ("python3.11", "x86_64", "x86_64-manylinux_2_28"),
        ("python3.11", "arm64", "aarch64-manylinux_2_28"),
        ("python3.12", "x86_64", "x86_64-manylinux_2_34"),
        ("python3.14", "arm64", "aarch64-manylinux_2_34"),
    ],
)
def test_uvs_name_of_a_target(runtime: str, architecture: str, expected: str) -> None:
    assert python_platform(target_of(runtime, architecture)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at https://me:pw@index.example/simple/", "at https://index.example/simple/"),
        ("`http://token@index.example`", "`http://index.example`"),
        ("https://index.example/a.whl?X-Signature=abc&y=z failed", "https://index.example/a.whl failed"),
        ("nothing here", "nothing here"),
    ],
)
def test_addresses_are_shown_without_secrets(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_uvs_explanation_is_shown_without_its_hints() -> None:
    failure = explain(
        "warning: The requested Python version 3.99 is not available\n"
        "error: No solution found when resolving dependencies\n"
        "  cause: Because a has no usable wheels and you require a, we can conclude that\n"
        "         your requirements are unsatisfiable.\n"
        "\n"
        "hint: Wheels are required for `a` because building from source is disabled (i.e., with `--no-build`)\n",
        PROBLEM,
    )
    assert isinstance(failure, Unsolvable)
    assert str(failure) == (
        "Because a has no usable wheels and you require a, we can conclude that\nyour requirements are unsatisfiable"
    )
    assert failure.without_wheel == ("a",)


def test_a_long_explanation_is_cut() -> None:
    lines = "".join(f"         line {number}\n" for number in range(90))
    failure = explain(f"error: No solution found when resolving dependencies\n  cause: Because\n{lines}", PROBLEM)
    assert str(failure).splitlines()[-1] == "… and 68 more lines"
    assert len(str(failure).splitlines()) == 24


_UNRESOLVED = """\
error: Request failed after 3 retries
  cause: Failed to fetch: https://u:p@index.example/simple/a/
  cause: dns error
"""
_BUSY = """\
error: Failed to fetch: `https://index.example/simple/a/`
  cause: HTTP status server error (503 Busy) for url (https://index.example/simple/a/)
"""
_UNAUTHORIZED = """\
error: No solution found when resolving dependencies

hint: An index URL (https://index.example/simple) could not be queried due to a lack of valid authentication \
credentials (401 Unauthorized)
"""


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            _UNRESOLVED,
            Code.INDEX_UNREACHABLE,
            "the package index at `index.example` cannot be used: dns error",
        ),
        (
            _BUSY,
            Code.INDEX_UNREACHABLE,
            "the package index at `index.example` cannot be used: HTTP status server error (503 Busy) for url (…)",
        ),
        (
            _UNAUTHORIZED,
            Code.INDEX_FORBIDDEN,
            "the package index at `index.example` refused the request (it wants other credentials)",
        ),
    ],
)
def test_trouble_with_the_index(text: str, code: Code, message: str) -> None:
    failure = explain(text, PROBLEM)
    assert isinstance(failure, SlspackError)
    (finding,) = failure.findings
    assert finding.code is code
    assert finding.message.replace("https://index.example/simple/a/", "…") == message


def test_whatever_a_resolution_depends_on_changes_its_key() -> None:
    def requirement(text: str, line: int = 1) -> Problem:
        return replace(PROBLEM, requirements=(parse_requirement(text, Location("requirements.txt", line, 1)),))

    configuration = PROBLEM.configuration
    variants = [
        PROBLEM,
        requirement("a==2"),
        requirement("a[x]==1"),
        requirement("c==1"),
        requirement("a @ https://index.example/a-1-py3-none-any.whl"),
        replace(PROBLEM, constraints=()),
        replace(PROBLEM, target=target_of("python3.13", "arm64")),
        replace(PROBLEM, target=target_of("python3.12")),
        replace(PROBLEM, prereleases=True),
        replace(PROBLEM, build=BuildSettings(BuilderChoice.NONE)),
        replace(PROBLEM, build=BuildSettings(rules=(BuilderRule(dist_name("a"), BuilderChoice.HOST),))),
        replace(PROBLEM, build=BuildSettings(image=ImageSettings(image="mine:1"))),
        replace(PROBLEM, environment={"UV_EXCLUDE_NEWER": "2024-01-01"}),
        replace(PROBLEM, configuration=replace(configuration, index_url=None)),
        replace(PROBLEM, configuration=replace(configuration, extra_index_urls=("https://two.index.example",))),
        replace(PROBLEM, configuration=replace(configuration, find_links=("wheels",))),
        replace(PROBLEM, configuration=replace(configuration, no_index=True)),
    ]
    keys = {resolution_key(problem, Resolver.UV, {}) for problem in variants}
    keys |= {
        resolution_key(PROBLEM, Resolver.PIP_TOOLS, {}),
        resolution_key(PROBLEM, Resolver.UV, {"a": digest_of("x")}),
    }
    assert len(keys) == len(variants) + 2
    assert resolution_key(requirement("A == 1", 9), Resolver.UV, {}) == resolution_key(PROBLEM, Resolver.UV, {})
    elsewhere = replace(PROBLEM, root=Path("other"), environment={"HOME": "x"})
    assert resolution_key(elsewhere, Resolver.UV, {}) == resolution_key(PROBLEM, Resolver.UV, {})


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file where the folder would be")
    kept = KeptLocks(tmp_path / "locks")
    kept.write(digest_of("a"), ())
    assert kept.read(digest_of("a")) is None
