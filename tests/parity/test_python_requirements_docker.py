"""serverless-python-requirements in images, row by row: what a daemon is asked for, or that none is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parity.rows import API, Rows, configure, distributions, refused, shop
from tests.support.fake_daemon import FakeDaemon, fake_daemon
from tests.support.projects import Repository, project_files, write_sdist

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench, Result

ROWS = Rows("serverless-python-requirements: images and the rest")
BUILD_IMAGE = "public.ecr.aws/sam/build-python3.13:latest-x86_64"
NATIVE = {"app.py": "import cext\n\ndef handler(event, context): ...\n", "requirements.txt": "cext\n"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The shop, and `cext`, which has to be built."""
    with shop(tmp_path) as made:
        assert made.index
        write_sdist(made.index.folder, "cext", "1.0", project_files("cext"))
        yield made


def asked(bench: Bench, options: str) -> tuple[Result, FakeDaemon]:
    """A build of `cext` with these options, and the daemon, which has no image and gets none."""
    bench.write(NATIVE)
    configure(bench, custom=f"pythonRequirements: {{{options}}}")
    with fake_daemon(bench.root.parent) as daemon:
        result = bench.slspack("build", DOCKER_HOST=daemon.address, HOME=str(bench.root.parent))
    (bench.root.parent / "docker.sock").unlink()
    return result, daemon


def image_settings(bench: Bench, options: str) -> dict[str, object]:
    configure(bench, custom=f"pythonRequirements: {{{options}}}")
    result = bench.slspack("config", "--json")
    assert result.status == 0, result.err
    found = json.loads(result.out)["build"]["image"]
    assert isinstance(found, dict)
    return found


@ROWS.row(
    "`dockerizePip`",
    "works: what has no wheel that fits is built in AWS's image; where a wheel fits, no daemon is asked",
)
def _(bench: Bench) -> None:
    result, daemon = asked(bench, "dockerizePip: true")
    assert result.status == 3
    assert f"error[SLS0533]: the image `{BUILD_IMAGE}` cannot be pulled" in result.err
    assert f"GET /images/{BUILD_IMAGE}/json" in daemon.asked
    for elsewhere in ("false", "non-linux"):
        result, daemon = asked(bench, f"dockerizePip: {elsewhere}")
        assert (result.status, daemon.asked) == (0, []), result.err
    configure(bench, custom="pythonRequirements: {dockerizePip: sometimes}")
    assert "must be `true`, `false` or `non-linux`" in refused(bench)


@ROWS.row("`dockerImage`", "works; not together with `dockerFile`")
def _(bench: Bench) -> None:
    result, daemon = asked(bench, "dockerizePip: true, dockerImage: 'image.example/mine:1'")
    assert "the image `image.example/mine:1` cannot be pulled" in result.err
    assert "GET /images/image.example/mine:1/json" in daemon.asked
    bench.write({"Dockerfile": "FROM image.example/mine:1\n"})
    result = asked(bench, "dockerImage: 'image.example/mine:1', dockerFile: Dockerfile")[0]
    assert (result.status, "are both named" in result.err) == (2, True)


@ROWS.alike("works: the Dockerfile's image is built, and used", "`dockerFile`", "build-time OS packages")
def _(bench: Bench, _: str) -> None:
    bench.write({"build/Dockerfile": "FROM image.example/base\nRUN yum -y install mysql-devel\n"})
    result, daemon = asked(bench, "dockerizePip: true, dockerFile: build/Dockerfile")
    assert "error[SLS0534]: the image of `Dockerfile` cannot be built" in result.err
    assert daemon.asked[-1] == "POST /build"
    result = asked(bench, "dockerFile: none/Dockerfile")[0]
    assert "there is no Dockerfile `none/Dockerfile`" in result.err


@ROWS.each(
    {
        "`dockerBuildCmdExtraArgs`": "works for options that the daemon's API has; others are refused with what to use",
        "`dockerRunCmdExtraArgs`": "works for options that the daemon's API has; others are refused with what to use",
    }
)
def _(bench: Bench, name: str) -> None:
    key = name.strip("`")
    bench.write({"Dockerfile": "FROM image.example/base\n"})
    field = {"dockerBuildCmdExtraArgs": "build_options", "dockerRunCmdExtraArgs": "run_options"}[key]
    assert image_settings(bench, f"{key}: ['--network', host]")[field] == ["--network", "host"]
    result, daemon = asked(bench, f"dockerizePip: true, dockerFile: Dockerfile, {key}: ['--ssh=default']")
    assert result.status == 2
    assert f"error[SLS0536]: {key}: `--ssh=default` cannot be passed on" in result.err
    assert "POST /build" not in daemon.asked


@ROWS.row("`dockerEnv`", "works: names of this machine's variables that a build in the image sees")
def _(bench: Bench) -> None:
    assert image_settings(bench, "dockerEnv: [https_proxy]")["environment"] == ["https_proxy"]


@ROWS.row("`dockerSsh`", "works with your agent, key and known hosts; what is missing is said before anything is built")
def _(bench: Bench) -> None:
    result, daemon = asked(bench, "dockerizePip: true, dockerSsh: true")
    assert "error[SLS0538]: no SSH host is known" in result.err
    assert not [one for one in daemon.asked if one.startswith("POST")]


@ROWS.row("`dockerPrivateKey`", "works; an absolute path, as there, and checked at once")
def _(bench: Bench) -> None:
    result = asked(bench, "dockerizePip: true, dockerPrivateKey: keys/id")[0]
    assert "the private key `keys/id` is not an absolute path" in result.err
    result = asked(bench, "dockerizePip: true, dockerPrivateKey: /nowhere/id")[0]
    assert "there is no private key `/nowhere/id`" in result.err


@ROWS.row(
    "`dockerExtraFiles`",
    "works: files of the image at the artifact's root; shared libraries of wheels are grafted without it",
)
def _(bench: Bench) -> None:
    assert image_settings(bench, "dockerExtraFiles: [/usr/lib64/libpq.so.5]")["extra_files"] == [
        "/usr/lib64/libpq.so.5"
    ]
    result = asked(bench, "dockerExtraFiles: [libpq.so.5]")[0]
    assert "`libpq.so.5` is not an absolute path in the image" in result.err


@ROWS.row("file ownership", "archives bring files in and out of containers: nothing on this machine belongs to root")
def _(bench: Bench) -> None:
    bench.build()
    made = [path for path in bench.root.rglob("*") if ".slspack" in path.parts]
    assert {path.stat().st_uid for path in made} == {bench.root.stat().st_uid}


@ROWS.row(
    "private indexes", "as for pip, uv and Poetry ([Indexes and credentials](../guides/indexes-and-credentials.md))"
)
def _(bench: Bench) -> None:
    assert bench.index
    bench.index.settings.credentials = ("ci", "s3cret")
    assert bench.slspack("build").status == 1
    result = bench.slspack("build", PIP_INDEX_URL=bench.index.url_with("ci", "s3cret"))
    assert (result.status, "s3cret" in result.err) == (0, False)


@ROWS.row("Poetry git dependencies", "built from the commit; the address may be spelt in any way that git takes")
def _(bench: Bench) -> None:
    repository = Repository(bench.root.parent / "repository")
    repository.commit(project_files("inner"))
    project = '[tool.poetry]\nname = "shop"\nversion = "1"\npackage-mode = false\n[tool.poetry.dependencies]\n'
    bench.write(
        {
            "pyproject.toml": f'{project}python = "^3.13"\ninner = {{git = "{repository.url}"}}\n',
            "app.py": "import inner\n\ndef handler(event, context): ...\n",
        }
    )
    (bench.root / "requirements.txt").unlink()
    assert distributions(bench) == ["inner"]


@ROWS.row("macOS brew Python", "no pip is run with `--target`: the machine's Python makes no difference")
def _(bench: Bench) -> None:
    configure(bench, custom="pythonRequirements: {pythonBin: /opt/brew/python3}")
    assert distributions(bench) == ["core", "web"]


@ROWS.row("`sls deploy function`", "works with the plugin: that function alone is built")
def _(bench: Bench) -> None:
    configure(bench, API + "  other: {handler: app.handler}\n")
    assert set(bench.build("-f", "other")["functions"]) == {"other"}


IDLE = ("dockerRootless", "cleanupZipHelper", "zipImport", "installer", "enabled")


@ROWS.alike("not needed, which the build says", *(f"`{name}`" for name in IDLE))
def _(bench: Bench, name: str) -> None:
    configure(bench, custom=f"pythonRequirements: {{{name.strip('`')}: true}}")
    result = bench.slspack("build")
    assert result.status == 0
    assert f"notice[SLS0119]: of `custom.pythonRequirements`, nothing here needs {name}" in result.err


REFUSED = {
    "usePyProject": ("false", "name the file to read in `custom.slspack.requirements`"),
    "useUv": ("false", "name the file to read in `custom.slspack.requirements`"),
    "installFolderAsPackage": (
        "true",
        "list the folder as `-e .` in the requirements, or in `custom.slspack.sourceRoots`",
    ),
}


@ROWS.each({f"`{name}`": f"refused: {instead}" for name, (_, instead) in REFUSED.items()})
def _(bench: Bench, row: str) -> None:
    name = row.strip("`")
    value, instead = REFUSED[name]
    configure(bench, custom=f"pythonRequirements: {{{name}: {value}}}")
    said = refused(bench)
    assert f"error[SLS0150]: `custom.pythonRequirements.{name}` is not supported" in said
    assert f"  hint: {instead}" in said


@ROWS.row("`pyprojectWithGroups`", "works, as `groups` does")
def _(bench: Bench) -> None:
    project = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["web"]\n[dependency-groups]\nrun = ["jobs"]\n'
    bench.write({"pyproject.toml": project, "app.py": "import web, jobs\n\ndef handler(e, c): ...\n"})
    (bench.root / "requirements.txt").unlink()
    configure(bench, custom="pythonRequirements: {pyprojectWithGroups: [run]}")
    assert distributions(bench) == ["core", "jobs", "web"]


@ROWS.row(
    "`uvWithGroups`, `uvWithoutGroups`, `uvOnlyGroups`", "works, as `groups`, `withoutGroups` and `onlyGroups` do"
)
def _(bench: Bench) -> None:
    project = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["web"]\n[dependency-groups]\nrun = ["jobs"]\n'
    bench.write({"pyproject.toml": project, "app.py": "def handler(event, context): ...\n"})
    (bench.root / "requirements.txt").unlink()
    configure(bench, custom="pythonRequirements: {uvWithGroups: [run]}")
    assert distributions(bench) == ["core", "jobs", "web"]
    configure(bench, custom="pythonRequirements: {uvWithGroups: [run], uvWithoutGroups: [main]}")
    assert distributions(bench) == ["jobs"]
    configure(bench, custom="pythonRequirements: {uvOnlyGroups: [run]}")
    assert distributions(bench) == ["jobs"]


@ROWS.row("`uvOptionalDependencies`", "works, as `extras` does")
def _(bench: Bench) -> None:
    project = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["web"]\n'
    project += '[project.optional-dependencies]\nrun = ["jobs"]\n'
    bench.write({"pyproject.toml": project, "app.py": "import web, jobs\n\ndef handler(e, c): ...\n"})
    (bench.root / "requirements.txt").unlink()
    configure(bench, custom="pythonRequirements: {uvOptionalDependencies: [run]}")
    assert distributions(bench) == ["core", "jobs", "web"]


@ROWS.row("`module`", "works: the function's own folder is its root, and has its requirements")
def _(bench: Bench) -> None:
    bench.write({"own/work.py": "import jobs\n\ndef run(event, context): ...\n", "own/requirements.txt": "jobs\n"})
    configure(bench, API + "  jobs: {module: own, handler: work.run}\n")
    assert (distributions(bench), distributions(bench, "jobs")) == (["core", "web"], ["jobs"])
    assert "work.py" in bench.names_in("jobs")


@pytest.mark.parametrize("name", ROWS.shown)
def test_an_option(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
