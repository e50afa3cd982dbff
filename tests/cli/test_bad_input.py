"""What a user is told when something is wrong: the whole text, and the exit status."""

from __future__ import annotations

import json
import zipfile
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.support.wheels import make_sdist, make_wheel, sha256_of

if TYPE_CHECKING:
    from tests.support.bench import Bench
    from tests.support.index import PackageIndex

HANDLER = "def handler(event, context): ...\n"
CONFIGURATION = "runtime: python3.13\nfunctions:\n  api: app.handler\n"


@pytest.fixture
def service(bench: Bench) -> Bench:
    """A service of one function that builds."""
    bench.write({"slspack.yml": CONFIGURATION, "app.py": HANDLER})
    return bench


def index_of(bench: Bench) -> PackageIndex:
    assert bench.index
    return bench.index


def needing(bench: Bench, *names: str) -> None:
    """Make the service's function import distributions of these names."""
    bench.write(
        {
            "requirements.txt": "".join(f"{name}\n" for name in names),
            "app.py": "".join(f"import {name}\n" for name in names) + HANDLER,
        }
    )


def assert_refused(bench: Bench, status: int, expected: str, *arguments: str) -> None:
    """The build says just `expected`, says it on standard error, and leaves nothing behind."""
    result = bench.slspack("build", "--json", *arguments)
    assert result.err == dedent(expected)
    assert (result.status, result.out) == (status, "")
    assert not (bench.root / ".slspack/dist").exists()


def test_no_such_function(service: Bench) -> None:
    expected = """\
        error[SLS0108]: no function `apj` in the service
          hint: did you mean `api`?
        error[SLS0108]: no function `web` in the service
          hint: the service has: api
        """
    assert_refused(service, 2, expected, "-f", "apj", "-f", "web", "-f", "api")


def test_a_function_that_is_left_alone_cannot_be_built(bench: Bench) -> None:
    functions = "functions: {api: {handler: app.handler}, js: {handler: js.handler, runtime: nodejs20.x}}\n"
    bench.write({"serverless.yml": f"service: s\nprovider: {{name: aws, runtime: python3.13}}\n{functions}"})
    expected = "error[SLS0108]: function `js` is left alone: runtime nodejs20.x\n"
    assert_refused(bench, 2, expected, "-f", "js")


def test_the_handlers_file_is_missing(service: Bench) -> None:
    service.write({"slspack.yml": CONFIGURATION.replace("app.", "ap.")})
    expected = """\
        error[SLS0301]: no module for `ap.handler` of function `api`: there is no `ap.py` or `ap/__init__.py`
          --> slspack.yml:3:8
          in: api
          hint: did you mean `app`?
        """
    assert_refused(service, 1, expected)


def test_the_handlers_attribute_is_missing(service: Bench) -> None:
    service.write({"slspack.yml": CONFIGURATION.replace("app.handler", "app.handel")})
    expected = """\
        error[SLS0302]: `app.py` defines no `handel`, which function `api` names
          --> slspack.yml:3:8
          in: api
          hint: did you mean `handler`?
        """
    assert_refused(service, 1, expected)


def test_the_errors_of_all_functions_are_shown_together(service: Bench) -> None:
    service.write(
        {
            "slspack.yml": CONFIGURATION.replace("api", "one").replace("app", "apq")
            + "  two: wrong.handler\n  three: app.run\n",
            "wrong.py": "def handler(event, context)\n    pass\n",
        }
    )
    result = service.slspack("build")
    assert result.status == 1
    assert [line for line in result.err.splitlines() if line.startswith("error")] == [
        "error[SLS0301]: no module for `apq.handler` of function `one`: there is no `apq.py` or `apq/__init__.py`",
        "error[SLS0303]: `wrong.py` cannot be parsed: expected ':'",
        "error[SLS0302]: `app.py` defines no `run`, which function `three` names",
    ]


def test_a_syntax_error_in_a_handler(service: Bench) -> None:
    service.write({"app.py": "import os\ndef handler(event, context)\n    pass\n"})
    result = service.slspack("build")
    assert result.status == 1
    assert result.err.splitlines()[:2] == [
        "error[SLS0303]: `app.py` cannot be parsed: expected ':'",
        "  --> app.py:2:28",
    ]


def test_the_configuration_is_not_yaml(service: Bench) -> None:
    service.write({"slspack.yml": "runtime: python3.13\nfunctions:\n  api: [app\n"})
    expected = """\
        error[SLS0102]: not valid YAML: did not find expected ',' or ']'
          --> slspack.yml:4:1
        """
    assert_refused(service, 2, expected)


def test_variables_go_in_a_circle(bench: Bench) -> None:
    bench.write(
        {
            "serverless.yml": """\
service: s
provider: {name: aws, runtime: "${self:custom.a}"}
custom:
  a: ${self:custom.b}
  b: ${self:custom.a}
functions:
  api: {handler: app.handler}
""",
            "app.py": HANDLER,
        }
    )
    expected = """\
        error[SLS0105]: `provider.runtime` depends on `${self:custom.b}`, which leads back to itself: `${self:custom.b}` → `${self:custom.a}` → `${self:custom.b}`
          --> serverless.yml:4:6
          hint: give one of them a value that does not depend on the others (serverless.yml:4:6, serverless.yml:5:6)
        """  # noqa: E501 (as it is printed)
    assert_refused(bench, 2, expected)


def test_there_is_no_configuration(bench: Bench) -> None:
    expected = """\
        error[SLS0101]: no configuration in `service`: looked for `serverless.yml`, `serverless.yaml`, `serverless.json`, `slspack.yml`, `slspack.yaml`, `pyproject.toml` with `[tool.slspack]`, `template.yaml`, `template.yml` and `template.json`
          hint: write a `slspack.yml` with `runtime` and `functions`, or name the folder with `-C` or the file with `--config`
        """  # noqa: E501 (as it is printed)
    assert_refused(bench, 2, expected)


def test_unknown_settings_are_shown_together(service: Bench) -> None:
    service.write({"slspack.yml": f"{CONFIGURATION}optionalImport: never\nresolverr: uv\n"})
    expected = """\
        error[SLS0103]: `optionalImport` is not a setting of slspack
          --> slspack.yml:4:1
          hint: did you mean `optionalImports`?
        error[SLS0103]: `resolverr` is not a setting of slspack
          --> slspack.yml:5:1
          hint: did you mean `resolver`?
        """
    assert_refused(service, 2, expected)


def test_requirements_that_cannot_be_met(service: Bench) -> None:
    make_wheel(index_of(service).folder, "alpha")
    make_wheel(index_of(service).folder, "beta")
    service.write({"requirements.txt": "alpha\nbeta>=3\n"})
    result = service.slspack("build")
    assert result.status == 1
    first, *rest = result.err.splitlines()
    assert first.startswith(
        "error[SLS0203]: the requirements cannot be met for python3.13 x86_64: because only beta==1.0"
    )
    assert rest == [
        "  --> requirements.txt:2:1",
        "  hint: loosen the requirement that is in the way, or check the name and the index",
    ]


def test_a_hash_that_no_file_of_the_index_has(service: Bench) -> None:
    wheel = make_wheel(index_of(service).folder, "alpha")
    service.write({"requirements.txt": f"alpha==1.0 --hash=sha256:{'0' * 64}\n"})
    expected = f"""\
        error[SLS0502]: none of the hashes listed for `alpha` 1.0 is that of a wheel for python3.13 x86_64: `alpha-1.0-py3-none-any.whl` has sha256:{sha256_of(wheel)}
          --> requirements.txt:1:1
          hint: make the hashes anew for every file of the version (`pip-compile --generate-hashes`, `slspack lock`)
        """  # noqa: E501 (as it is printed)
    assert_refused(service, 1, expected)


def test_a_file_that_is_not_the_one_that_was_locked(service: Bench) -> None:
    wheel = make_wheel(index_of(service).folder, "alpha")
    index_of(service).settings.wrong_hashes[wheel.name] = "1" * 64
    needing(service, "alpha")
    expected = f"""\
        error[SLS0502]: `alpha-1.0-py3-none-any.whl` of `alpha` 1.0 is not the locked file
          expected sha256 {"1" * 64}
          actual   sha256 {sha256_of(wheel)}
          hint: do not use this file unless you know why it changed; if you do, run `slspack lock`
        """
    assert_refused(service, 1, expected)


def test_wheels_for_other_targets_only(service: Bench) -> None:
    for tag in ("cp313-cp313-macosx_11_0_arm64", "cp312-cp312-manylinux2014_x86_64"):
        make_wheel(index_of(service).folder, "gamma", tag=tag)
    needing(service, "gamma")
    expected = """\
        error[SLS0501]: `gamma` 1.0 has no wheel for python3.13 x86_64: its wheels are for another Python than python3.13 (`cp312-cp312`); for another operating system (`macosx_11_0_arm64`)
          --> requirements.txt:1:1
          hint: there is a wheel for `python3.12 x86_64`; otherwise choose another version
        """  # noqa: E501 (as it is printed)
    assert_refused(service, 1, expected)


def test_only_a_source_distribution(service: Bench) -> None:
    make_sdist(index_of(service).folder, "gamma")
    needing(service, "gamma")
    service.write({"slspack.yml": f"{service.root.joinpath('slspack.yml').read_text()}builder: none\n"})
    expected = """\
        error[SLS0501]: `gamma` 1.0 has no wheel for python3.13 x86_64: there is only a source distribution, which would have to be built
          --> requirements.txt:1:1
          hint: choose a version that has a wheel for python3.13 x86_64, or build one and name its folder with `--find-links`
        """  # noqa: E501 (as it is printed)
    assert_refused(service, 1, expected)


@pytest.mark.parametrize("member", ["../evil.py", "/etc/evil.py", "gamma/../../evil.py"])
def test_a_member_that_climbs_out_of_the_root(service: Bench, member: str) -> None:
    make_wheel(index_of(service).folder, "gamma", files={"gamma.py": "", member: ""})
    needing(service, "gamma")
    expected = f"""\
        error[SLS0505]: `gamma-1.0-py3-none-any.whl` holds `{member}`, which could climb out of the root
          hint: do not trust this wheel; report it to the index that served it
        """
    assert_refused(service, 1, expected)


def test_the_data_scheme_of_a_wheel_cannot_climb_either(service: Bench) -> None:
    make_wheel(index_of(service).folder, "gamma", files={"gamma.py": "", "gamma-1.0.data/data/../../evil.py": ""})
    needing(service, "gamma")
    result = service.slspack("build")
    assert result.status == 1
    assert "error[SLS0505]" in result.err


def test_a_wheel_that_is_no_zip(service: Bench) -> None:
    wheel = index_of(service).folder / "gamma-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not a zip")
    file = f'url = "{index_of(service).file_url(wheel.name)}", hashes = {{ sha256 = "{sha256_of(wheel)}" }}'
    lock = 'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "gamma"\nversion = "1.0"\n'
    service.write({"pylock.toml": f"{lock}wheels = [{{ {file} }}]\n", "app.py": f"import gamma\n{HANDLER}"})
    result = service.slspack("build")
    assert result.status == 1
    assert result.err.startswith("error[SLS0504]: `gamma-1.0-py3-none-any.whl`")


def test_the_index_is_unreachable(service: Bench) -> None:
    service.write({"requirements.txt": "alpha\n"})
    result = service.slspack("build", PIP_INDEX_URL="http://127.0.0.1:9/simple/", PIP_RETRIES="0", UV_HTTP_RETRIES="0")
    assert result.status == 3
    first, hint = result.err.splitlines()
    assert first.startswith("error[SLS0506]: the package index `http://127.0.0.1:9/simple/` cannot be used: ")
    assert hint == "  hint: check the network, the proxy and the index's address (`pip config list`)"


def test_a_wheel_cannot_be_downloaded(service: Bench) -> None:
    wheel = make_wheel(index_of(service).folder, "alpha")
    index_of(service).settings.refusing[wheel.name] = 404
    needing(service, "alpha")
    result = service.slspack("build")
    assert result.status == 1
    assert result.err.startswith("error[SLS0507]: ")
    assert f"`{wheel.name}`" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frmat", "zip"], "no such option '--frmat'. Did you mean '--format'?"),
        (["--format", "tar"], "invalid value for '--format': 'tar' is not one of 'zip', 'dir'"),
        (["--param", "x"], "invalid value for '--param': 'x' is not of the form NAME=VALUE"),
    ],
)
def test_the_command_line_is_wrong(service: Bench, arguments: list[str], message: str) -> None:
    expected = f"error[SLS0903]: {message}\n  hint: `slspack build --help` lists what it takes\n"
    assert_refused(service, 2, expected, *arguments)


def test_no_such_command(service: Bench) -> None:
    result = service.slspack("bild")
    assert result.status == 2
    assert result.err.startswith("error[SLS0903]: no such command 'bild'")
    assert result.err.endswith("  hint: `slspack --help` lists what it takes\n")


def test_no_traceback_unless_asked_for(service: Bench) -> None:
    service.write({"app.py": "def handler("})
    plain, debug = service.spawn("build"), service.spawn("build", "--debug")
    assert (plain.status, debug.status) == (1, 1)
    assert "Traceback" not in plain.err
    assert plain.err.startswith("error[SLS0303]: ")
    assert debug.err.startswith("Traceback (most recent call last):\n")
    assert debug.err.endswith(plain.err)


def test_a_failed_build_leaves_the_last_one_as_it_was(service: Bench) -> None:
    service.build()
    before = {path.name: path.read_bytes() for path in service.artifact("api").parent.iterdir()}
    service.write({"app.py": "import nowhere\n" + HANDLER})
    assert service.slspack("build").status == 1
    assert {path.name: path.read_bytes() for path in service.artifact("api").parent.iterdir()} == before
    assert json.loads(before["manifest.json"])["schema"] == "slspack-manifest/1"
    with zipfile.ZipFile(service.artifact("api")) as archive:
        assert archive.testzip() is None


def test_a_handler_that_neither_the_service_nor_a_distribution_holds(service: Bench) -> None:
    service.write({"slspack.yml": CONFIGURATION.replace("app.handler", "somewhere.else.handler")})
    expected = """\
        error[SLS0401]: the handler of `api` is in `somewhere.else`, which no requirement provides
          --> slspack.yml:3:8
          in: api
          hint: list the distribution that provides it (`somewhere`?) among the requirements
        """
    assert_refused(service, 1, expected)
