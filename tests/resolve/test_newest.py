"""What is decided without a resolver is what uv decides."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slspack.codes import Code
from slspack.errors import SlspackError
from slspack.model import dist_name
from slspack.registry.pages import IndexFile, NotAPage, Page, parse_page
from slspack.resolve.choices import _FIELDS
from slspack.resolve.newest import newest_together
from slspack.resolve.problem import Problem, Unsolvable
from slspack.resolve.requirement_line import read_lines
from slspack.resolve.uv import resolve_with_uv
from tests.support.index import IndexSettings, PackageIndex, package_index
from tests.support.resolving import ServiceFolder, pins, target_of
from tests.support.wheels import make_sdist, make_wheel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from slspack.resolve.problem import Candidate

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
VERSIONS = ("1.0", "1.1", "2.0")
SPECIFIERS = ("", "", "", ">=1.1", "<2", "==1.1", "!=2.0", "~=1.0", ">=1,<2", "<=2.0")


@dataclass(frozen=True)
class World:
    """What an index has: for each name and version the requirements; and what is listed."""

    wheels: Mapping[tuple[str, str], tuple[str, ...]]
    listed: tuple[str, ...]
    constraints: tuple[str, ...] = ()


requirement = st.builds(
    "{}{}{}".format, st.sampled_from(NAMES), st.sampled_from(("", "", "", "[more]")), st.sampled_from(SPECIFIERS)
)
needs = st.lists(
    st.builds("{}{}".format, requirement, st.sampled_from(("", "", "; extra == 'more'", "; sys_platform == 'win32'"))),
    max_size=3,
    unique=True,
).map(tuple)
worlds = st.builds(
    World,
    st.fixed_dictionaries(
        {(name, version): needs for name in NAMES for version in ("1.0",)},
        optional={(name, version): needs for name in NAMES for version in (*VERSIONS[1:], "3.0a1")},
    ),
    st.lists(requirement, min_size=1, max_size=4, unique_by=lambda text: text[:4]).map(tuple),
    st.lists(st.builds("{}{}".format, st.sampled_from(NAMES), st.sampled_from(SPECIFIERS)), max_size=1).map(tuple),
)


def problem_of(
    service: ServiceFolder, listed: Sequence[str], constraints: Sequence[str] = (), **more: object
) -> Problem:
    context = service.context()
    asked, bound = read_lines(listed, "requirements.txt"), read_lines(constraints, "constraints.txt")
    target = target_of()
    return Problem(asked, bound, target, service.root, context.configuration, context.environment, **more)  # type: ignore[arg-type]


def decided(service: ServiceFolder, problem: Problem) -> tuple[Candidate, ...] | None:
    return newest_together(problem, {}, service.context().indexes(problem.configuration))


def versions(candidates: Sequence[Candidate]) -> list[str]:
    return sorted(f"{one.name}=={one.version}" for one in candidates)


def check_against_uv(world: World, folder: Path, cache: Path) -> list[str] | None:
    """What was decided, which uv decides, too; None where it was left to uv."""
    for (name, version), requires in world.wheels.items():
        make_wheel(folder / "wheels", name, version, requires=list(requires), extras=["more"])
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "wheels"), "UV_CACHE_DIR": str(cache)}
    service = ServiceFolder.make(folder, None, **variables)
    problem = problem_of(service, world.listed, world.constraints)
    found = decided(service, problem)
    if found is None:
        return None
    try:
        expected = versions(resolve_with_uv(problem, {}))
    except Unsolvable as failure:
        expected = [str(failure)]
    assert versions(found) == expected
    return expected


@settings(max_examples=60, deadline=None)
@given(world=worlds)
def test_it_is_what_uv_decides(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_against_uv(world, Path(folder), tmp_path_factory.getbasetemp() / "uv-cache")


def wheels(**requires: list[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """`alpha_1_0=[…]`: that version's requirements."""
    return {
        (name.partition("_")[0], name.partition("_")[2].replace("_", ".")): tuple(texts)
        for name, texts in requires.items()
    }


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        pytest.param(World(wheels(alpha_1_0=[], alpha_2_0=[]), ("alpha",)), ["alpha==2.0"], id="the newest"),
        pytest.param(World(wheels(alpha_1_0=[], alpha_3_0a1=[]), ("alpha",)), ["alpha==1.0"], id="no pre-release"),
        pytest.param(World(wheels(alpha_1_0=[], alpha_2_0=[]), ("alpha<2",)), ["alpha==1.0"], id="listed with a bound"),
        pytest.param(
            World(wheels(alpha_1_0=["beta<2"], beta_1_1=["gamma"], beta_2_0=[], gamma_1_0=[]), ("alpha",)),
            ["alpha==1.0", "beta==1.1", "gamma==1.0"],
            id="a bound of who needs it",
        ),
        pytest.param(
            World(wheels(alpha_1_0=["beta[more]"], beta_1_0=["gamma; extra=='more'"], gamma_1_0=["alpha"]), ("alpha",)),
            ["alpha==1.0", "beta==1.0", "gamma==1.0"],
            id="extras and a circle",
        ),
        pytest.param(
            World(
                wheels(alpha_1_0=["beta"], beta_1_0=["gamma; extra=='more'"], delta_1_0=["beta[more]"], gamma_1_0=[]),
                ("alpha", "gamma<2", "delta"),
            ),
            ["alpha==1.0", "beta==1.0", "delta==1.0", "gamma==1.0"],
            id="an extra that is asked for later",
        ),
        pytest.param(
            World(wheels(alpha_1_0=["beta"], beta_1_0=[], beta_2_0=[]), ("alpha",), ("beta<2",)),
            ["alpha==1.0", "beta==1.0"],
            id="a constraint",
        ),
    ],
)
def test_it_decides_and_so_does_uv(world: World, expected: list[str], tmp_path: Path) -> None:
    assert check_against_uv(world, tmp_path, tmp_path / "uv-cache") == expected


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(
            World(wheels(alpha_1_0=["beta<2"], alpha_0_9=[], beta_1_0=[], beta_2_0=[]), ("beta", "alpha")),
            id="a bound on what was listed without one",
        ),
        pytest.param(
            World(
                wheels(alpha_1_0=["gamma"], beta_1_0=["delta"], delta_1_0=["gamma<2"], gamma_1_0=[], gamma_2_0=[]),
                ("alpha", "beta"),
            ),
            id="a bound that comes a step too late",
        ),
        pytest.param(World(wheels(alpha_1_0=["beta"]), ("alpha",)), id="a name that no index has"),
        pytest.param(World(wheels(alpha_1_0=[]), ("alpha>1",)), id="no version left"),
        pytest.param(World(wheels(alpha_3_0a1=[]), ("alpha",)), id="pre-releases alone"),
        pytest.param(World(wheels(alpha_1_0=[], alpha_2_0a1=[]), ("alpha>=1.0rc1",)), id="a pre-release asked for"),
        pytest.param(World(wheels(alpha_1_0=["beta>=2.0a1"], beta_2_0=[]), ("alpha",)), id="a pre-release as a bound"),
        pytest.param(World({("alpha", "1.0"): (), ("alpha", "1.1+cpu"): ()}, ("alpha",)), id="a local version"),
        pytest.param(
            World(wheels(alpha_1_0=["beta @ https://index.example/beta-1.0-py3-none-any.whl"]), ("alpha",)),
            id="an address",
        ),
        pytest.param(World(wheels(alpha_1_0=[]), ("alpha===1.0",)), id="a version as a text"),
    ],
)
def test_the_rest_is_left_to_uv(world: World, tmp_path: Path) -> None:
    assert check_against_uv(world, tmp_path, tmp_path / "uv-cache") is None


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    folder = tmp_path / "index"
    make_wheel(folder, "app", "1.0", requires=["base"])
    make_wheel(folder, "base", "1.0")
    make_wheel(folder, "base", "1.1")
    make_wheel(folder, "base", "1.2")
    make_wheel(folder, "base", "2.0")
    make_wheel(folder, "native", "1.0", tag="cp313-cp313-manylinux_2_17_x86_64")
    make_wheel(folder, "native", "1.1", tag="cp313-cp313-win_amd64")
    make_wheel(folder, "choosy", "1.0", requires_python=">=3.14")
    make_sdist(folder, "sources", "1.0")
    served = IndexSettings(yanked={"base-1.2-py3-none-any.whl": "broken"})
    served.requires_python["base-2.0-py3-none-any.whl"] = ">=3.14"
    with package_index(folder, served) as running:
        yield running


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        # 2.0 is not for this Python, 1.2 was yanked.
        (["app"], ["app==1.0", "base==1.1"]),
        (["native"], ["native==1.0"]),
        # Whoever pins a yanked version may have it: uv knows when.
        (["base==1.2"], None),
        (["sources"], None),
        # Only its METADATA says which Python it is for.
        (["choosy"], None),
    ],
)
def test_what_counts_on_an_index(
    index: PackageIndex, tmp_path: Path, listed: list[str], expected: list[str] | None
) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    found = decided(service, problem_of(service, listed))
    assert (found and versions(found)) == expected


def test_its_wheels_are_here_afterwards_and_uv_was_not_started(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ServiceFolder.make(tmp_path, index.url).write(requirements_txt="app")
    monkeypatch.setattr("slspack.resolve.uv.resolve_with_uv", lambda *_: pytest.fail("uv was asked"))
    context = service.context()
    lock = service.resolve(context=context)
    assert pins(lock) == ["app==1.0", "base==1.1"]
    asked = len(index.requests)
    context.indexes(context.configuration).wheels.fetch(lock.distributions)
    assert len(index.requests) == asked


@pytest.mark.parametrize(
    "variables",
    [
        {"UV_RESOLUTION": "lowest"},
        {"UV_PRERELEASE": "allow"},
        {"UV_OFFLINE": "1"},
        {"UV_INDEX": "https://index.example/simple/"},
    ],
)
def test_what_uv_is_told_is_for_uv(index: PackageIndex, tmp_path: Path, variables: dict[str, str]) -> None:
    service = ServiceFolder.make(tmp_path, index.url, **variables)
    assert decided(service, problem_of(service, ["app"])) is None
    assert not index.requests


def test_pre_releases_and_preferred_versions_are_for_uv(index: PackageIndex, tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    assert decided(service, problem_of(service, ["app"], prereleases=True)) is None
    assert decided(service, problem_of(service, ["app"], preferred=(("base", "1.0"),))) is None
    assert decided(service, problem_of(service, ["app @ https://index.example/app-1.0-py3-none-any.whl"])) is None


def test_an_index_that_cannot_be_asked_is_not_asked_twice(tmp_path: Path) -> None:
    service = ServiceFolder.make(tmp_path, None)
    with pytest.raises(SlspackError) as caught:
        decided(service, problem_of(service, ["app"]))
    assert [finding.code for finding in caught.value.findings] == [Code.INDEX_UNREACHABLE]


@pytest.fixture
def read_pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the pages that are read, all of which count as large."""
    read: list[str] = []

    def noting(kind: str, body: bytes, url: str) -> Page:
        read.append(url.rstrip("/").rpartition("/")[2])
        return parse_page(kind, body, url)

    monkeypatch.setattr("slspack.registry.client._LARGE", 0)
    monkeypatch.setattr("slspack.registry.client.parse_page", noting)
    return read


def test_a_large_page_is_read_once_for_each_content_and_question(
    index: PackageIndex, tmp_path: Path, read_pages: list[str]
) -> None:
    service = ServiceFolder.make(tmp_path, index.url)

    def found(*listed: str) -> list[str]:
        read_pages.clear()
        return versions(decided(service, problem_of(service, listed)) or ())

    assert (found("app"), sorted(read_pages)) == (["app==1.0", "base==1.1"], ["app", "base"])
    assert (found("app"), read_pages) == (["app==1.0", "base==1.1"], [])
    assert (found("app", "native"), read_pages) == (["app==1.0", "base==1.1", "native==1.0"], ["native"])
    assert (found("base<1.1"), read_pages) == (["base==1.0"], ["base"])
    make_wheel(index.folder, "base", "1.3")
    assert (found("app"), read_pages) == (["app==1.0", "base==1.3"], ["base"])


def test_a_large_page_is_read_by_who_wants_its_files(
    index: PackageIndex, tmp_path: Path, read_pages: list[str]
) -> None:
    service = ServiceFolder.make(tmp_path, index.url)
    context = service.context()
    client = context.indexes(context.configuration).client
    assert len(client.files(dist_name("base"))) == 4
    assert read_pages == ["base"]
    with pytest.raises(SlspackError) as caught:
        client.files(dist_name("nothing"))
    assert [finding.code for finding in caught.value.findings] == [Code.NOT_IN_INDEX]


def test_a_large_answer_that_is_no_page_is_the_indexs_trouble(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Page:
        raise NotAPage("its answer is of type `text/plain`")

    monkeypatch.setattr("slspack.registry.client._LARGE", 0)
    monkeypatch.setattr("slspack.registry.client.parse_page", refuse)
    service = ServiceFolder.make(tmp_path, index.url)
    with pytest.raises(SlspackError) as caught:
        decided(service, problem_of(service, ["app"]))
    (finding,) = caught.value.findings
    assert finding.code is Code.INDEX_UNREACHABLE
    assert finding.message.endswith("cannot be used: its answer is of type `text/plain`")


def test_all_that_is_known_of_a_wheel_is_kept() -> None:
    assert [field.name for field in fields(IndexFile)] == [*_FIELDS]
