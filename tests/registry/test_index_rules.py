"""Which index a distribution may come from, which of its files count, and what becomes of secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.bench import Bench
from tests.support.index import IndexSettings, PackageIndex, package_index
from tests.support.wheels import make_sdist, make_wheel, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cret-w0rd"
OWN = "functions: {api: app.handler}\nruntime: python3.13\n"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A service that needs `web`, which needs `tools`; the public index has somebody else's newer `tools`."""
    root = tmp_path / "service"
    root.mkdir()
    with package_index(tmp_path / "public") as index:
        make_wheel(index.folder, "web", requires=["tools"])
        make_wheel(index.folder, "tools", "9.0", {"evil.py": ""})
        bench = Bench(root, tmp_path / "store", index)
        bench.write({"app.py": "import web\n\ndef handler(event, context): ...\n", "requirements.in": "web\n"})
        yield bench


@pytest.fixture
def private(tmp_path: Path) -> Iterator[PackageIndex]:
    """The company's index, with a login."""
    with package_index(tmp_path / "private", IndexSettings(credentials=("ci", SECRET))) as index:
        make_wheel(index.folder, "tools", "1.0")
        yield index


def asked(index: PackageIndex, name: str) -> list[str]:
    """The requests of an index that have to do with a name."""
    return [request.path for request in index.requests if name in request.path]


def versions(bench: Bench, **variables: str) -> list[str]:
    built = bench.slspack("build", "--json", **variables)
    assert built.status == 0, built.err
    return [f"{one['name']} {one['version']}" for one in built.manifest["functions"]["api"]["distributions"]]


def assert_no_secret(bench: Bench) -> None:
    """In no file that a build left, wherever it is."""
    for path in bench.root.parent.rglob("*"):
        if path.is_file() and path.name not in ("slspack.yml", "serverless.yml"):
            assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_a_bound_name_is_looked_up_nowhere_else(bench: Bench, private: PackageIndex, resolver: str) -> None:
    assert bench.index is not None
    text = f"{OWN}resolver: {resolver}\nindexes: {{Tools: '{private.url_with('ci', SECRET)}'}}\n"
    bench.write({"slspack.yml": text})
    assert versions(bench) == ["tools 1.0", "web 1.0"]
    assert asked(bench.index, "tools") == []
    assert asked(private, "web") == []
    assert_no_secret(bench)
    # Nor is it where its own index has lost it: somebody may have put another one elsewhere.
    (private.folder / "tools-1.0-py3-none-any.whl").unlink()
    bench.write({"requirements.in": "web>=0.1\n"})
    failed = bench.slspack("build")
    assert failed.status == 1
    assert asked(bench.index, "tools") == []
    assert SECRET not in failed.out + failed.err
    assert_no_secret(bench)


def test_without_binding_the_newest_would_win(bench: Bench) -> None:
    bench.write({"slspack.yml": OWN})
    assert versions(bench) == ["tools 9.0", "web 1.0"]


UV = """\
[project]
name = "app"
version = "1"
dependencies = ["web", "tools"]

[[tool.uv.index]]
name = "my-company"
url = "{url}"
explicit = true

[tool.uv.sources]
tools = {{ index = "my-company" }}
"""
POETRY = """\
[tool.poetry]
name = "app"
version = "1"

[tool.poetry.dependencies]
python = "^3.11"
web = "^1.0"
tools = {{ version = "*", source = "my-company" }}

[[tool.poetry.source]]
name = "my-company"
url = "{url}"
priority = "explicit"
"""
PIPFILE = """\
[[source]]
name = "public"
url = "{public}"

[[source]]
name = "my-company"
url = "{with_variable}"

[packages]
web = "*"
tools = {{ version = "*", index = "my-company" }}
"""


@pytest.mark.parametrize(
    ("name", "text", "user", "password"),
    [
        ("pyproject.toml", UV, "UV_INDEX_MY_COMPANY_USERNAME", "UV_INDEX_MY_COMPANY_PASSWORD"),
        ("pyproject.toml", POETRY, "POETRY_HTTP_BASIC_MY_COMPANY_USERNAME", "POETRY_HTTP_BASIC_MY_COMPANY_PASSWORD"),
        ("Pipfile", PIPFILE, "COMPANY_USER", "COMPANY_PASSWORD"),
    ],
)
def test_a_project_without_a_lock_binds_names_too(
    bench: Bench, private: PackageIndex, name: str, text: str, user: str, password: str
) -> None:
    assert bench.index is not None
    with_variable = private.url.replace("://", "://${COMPANY_USER}:${COMPANY_PASSWORD}@")
    (bench.root / "requirements.in").unlink()
    filled = text.format(url=private.url, public=bench.index.url, with_variable=with_variable)
    bench.write({"slspack.yml": OWN, name: filled})
    assert versions(bench, **{user: "ci", password: SECRET}) == ["tools 1.0", "web 1.0"]
    assert asked(bench.index, "tools") == []
    assert_no_secret(bench)


def test_an_index_that_a_lock_names_is_asked_alone(bench: Bench, private: PackageIndex) -> None:
    """The public one has another file of the very same name."""
    assert bench.index is not None
    make_wheel(bench.index.folder, "tools", "1.0", {"evil.py": ""})
    wheels = {"web": bench.index.folder, "tools": private.folder}
    packages = {
        name: {
            "version": "==1.0",
            "index": "public" if name == "web" else "company",
            "hashes": [f"sha256:{sha256_of(folder / f'{name}-1.0-py3-none-any.whl')}"],
        }
        for name, folder in wheels.items()
    }
    sources = [
        {"name": "public", "url": bench.index.url, "verify_ssl": True},
        {"name": "company", "url": private.url.replace("://", "://ci:${COMPANY_PASSWORD}@"), "verify_ssl": True},
    ]
    lock = {"_meta": {"pipfile-spec": 6, "sources": sources}, "default": packages, "develop": {}}
    bench.write({"slspack.yml": f"{OWN}requirements: Pipfile.lock\n", "Pipfile.lock": json.dumps(lock)})
    (bench.root / "requirements.in").unlink()
    assert versions(bench, COMPANY_PASSWORD=SECRET) == ["tools 1.0", "web 1.0"]
    assert asked(bench.index, "tools") == []
    assert asked(private, "web") == []
    assert "evil.py" not in bench.names_in("api")
    assert_no_secret(bench)


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_password_in_an_argument_for_pip_stays_secret(bench: Bench, private: PackageIndex, *, succeeds: bool) -> None:
    """Nor is it lost where the configuration comes from an earlier build's memory."""
    arguments = "['--extra-index-url ${env:COMPANY_INDEX}', --no-cache-dir, --cache-dir, /tmp/x, -q]"
    bench.write(
        {
            "serverless.yml": f"service: shop\nprovider: {{name: aws, runtime: python3.13}}\n"
            f"custom:\n  pythonRequirements:\n    pipCmdExtraArgs: {arguments}\n"
            "functions: {api: {handler: app.handler}}\n",
            "requirements.in": "web\ntools<2\n" if succeeds else "web\ntools<0.5\n",
        }
    )
    url = private.url_with("ci", SECRET)
    for command in (("build", "--json"), ("config", "--json"), ("plan",), ("lock",)):
        done = bench.slspack(*command, COMPANY_INDEX=url)
        assert done.status == (0 if succeeds or command[0] == "config" else 1), done.err
        assert SECRET not in done.out + done.err
    if succeeds:
        bench.write({"requirements.in": "web\ntools<3\n"})
        make_wheel(private.folder, "tools", "2.5")
        (bench.root / "pylock.toml").unlink()
        assert versions(bench, COMPANY_INDEX=url) == ["tools 2.5", "web 1.0"]
    assert_no_secret(bench)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("[--platform, manylinux2014_x86_64]", "`--platform` has no meaning for slspack"),
        ("[--no-deps]", "`--no-deps` has no meaning for slspack"),
        ("['--index-url']", "`--index-url` needs a value"),
    ],
)
def test_other_arguments_for_pip_are_refused(bench: Bench, arguments: str, said: str) -> None:
    bench.write(
        {
            "serverless.yml": f"service: shop\nprovider: {{name: aws, runtime: python3.13}}\n"
            f"custom: {{pythonRequirements: {{pipCmdExtraArgs: {arguments}}}}}\n"
            "functions: {api: {handler: app.handler}}\n"
        }
    )
    refused = bench.slspack("build")
    assert refused.status == 2
    assert f"error[SLS0218]: `custom.pythonRequirements.pipCmdExtraArgs.0`: {said}" in refused.err


def test_nothing_newer_than_a_day(bench: Bench) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "web", "2.0", requires=["tools"])
    bench.index.settings.uploaded["web-2.0-py3-none-any.whl"] = "2024-05-18T00:00:01Z"
    bench.write({"slspack.yml": f"{OWN}excludeNewer: 2024-05-17\n"})
    assert versions(bench) == ["tools 9.0", "web 1.0"]
    bench.write({"slspack.yml": f"{OWN}excludeNewer: '2024-05-18T00:00:02Z'\n"})
    assert versions(bench) == ["tools 9.0", "web 2.0"]
    bench.write({"slspack.yml": f"{OWN}excludeNewer: 2023-01-01\n"})
    none_left = bench.slspack("build")
    assert none_left.status == 1
    bench.write({"slspack.yml": f"{OWN}excludeNewer: soon\n"})
    assert "`excludeNewer`: `soon` is neither a day nor a moment" in bench.slspack("build").err


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_a_yanked_version_counts_only_where_it_is_pinned(bench: Bench, resolver: str) -> None:
    assert bench.index is not None
    make_wheel(bench.index.folder, "web", "2.0", requires=["tools"])
    bench.index.settings.yanked["web-2.0-py3-none-any.whl"] = "it loses data"
    bench.write({"slspack.yml": f"{OWN}resolver: {resolver}\n", "requirements.in": "web>=1.0\n"})
    assert versions(bench) == ["tools 9.0", "web 1.0"]
    bench.write({"requirements.in": "web==2.0\n"})
    assert versions(bench) == ["tools 9.0", "web 2.0"]


def test_a_wheel_that_does_not_count_is_built(bench: Bench, tmp_path: Path) -> None:
    assert bench.index is not None
    backend = (
        "import zipfile\n"
        "def build_wheel(folder, settings=None, metadata=None):\n"
        "    name = 'tools-9.0-py3-none-any.whl'\n"
        "    info = 'tools-9.0.dist-info'\n"
        "    with zipfile.ZipFile(folder + '/' + name, 'w') as wheel:\n"
        "        wheel.writestr('built_here.py', '')\n"
        "        wheel.writestr(info + '/METADATA', 'Metadata-Version: 2.1\\nName: tools\\nVersion: 9.0\\n')\n"
        "        wheel.writestr(info + '/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "        wheel.writestr(info + '/RECORD', '')\n"
        "    return name\n"
    )
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    make_sdist(bench.index.folder, "tools", "9.0", {"backend.py": backend, "pyproject.toml": project})
    bench.write({"slspack.yml": f"{OWN}noBinary: Tools\n"})
    built = bench.slspack("build", "--format", "dir")
    assert built.status == 0, built.err
    assert (bench.folder("api") / "built_here.py").is_file()
    assert not (bench.folder("api") / "evil.py").exists()
    bench.write({"slspack.yml": f"{OWN}noBinary: tools\nonlyBinary: [tools]\n"})
    assert bench.slspack("build").status == 1, "nobody may build it, and its wheel does not count"
