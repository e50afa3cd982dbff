"""`slspack.yml` and `[tool.slspack]` as a Service, and which file is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from slspack.config import LoadOptions
from slspack.model import RequirementSet
from tests.support.services import config_errors, config_findings, load

YML = """\
name: shop
runtime: python3.13
architecture: arm64
source-roots: [lib]
requirements: [base.txt]
patterns: ['!**/*.md']
functions:
  api: src/api.handler
  report:
    handler: report.main
    architecture: x86_64
    requirements: report.txt
    patterns: [templates/**]
    individually: true
    module: report
    entrypoint: [a.b, c.d]
"""

TOML = """\
[project]
name = "from-project"

[tool.slspack]
runtime = "python3.13"
optionalImports = { default = "never", "pandas -> pyarrow" = "listed" }

[tool.slspack.functions]
api = "src/api.handler"

[tool.slspack.functions.report]
handler = "report.main"
missing-imports = "warn"
"""

SERVERLESS = "service: s\nprovider: {runtime: python3.12}\nfunctions: {f: {handler: a.h}}\n"


def test_slspack_yml(tmp_path: Path) -> None:
    service = load(tmp_path, {"slspack.yml": YML})
    api, report = service.functions
    assert (service.name, service.stage, service.config_files) == ("shop", "dev", ("slspack.yml",))
    assert (str(api.target), str(report.target)) == ("python3.13 arm64", "python3.13 x86_64")
    assert (api.handler.module, api.individually, report.individually) == ("src.api", True, True)
    assert str(api.handler.location) == "slspack.yml:8:8"
    assert (api.source_roots, report.source_roots) == (("lib",), ("report", "lib"))
    assert api.requirements == RequirementSet(files=("base.txt",))
    assert report.requirements == RequirementSet("report", ("report.txt",))
    assert [(each.glob, each.include) for each in report.patterns] == [("**/*.md", False), ("templates/**", True)]
    assert report.entrypoints == ("a.b", "c.d")


def test_pyproject(tmp_path: Path) -> None:
    service = load(tmp_path, {"pyproject.toml": TOML}, LoadOptions(stage="prod"))
    api, report = service.functions
    assert (service.name, service.stage) == ("from-project", "prod")
    assert str(api.handler.location) == "pyproject.toml:9:7"
    assert (api.policy.optional.value, report.policy.missing.value) == ("never", "warn")
    assert [pair.choice.value for pair in api.policy.optional_pairs] == ["listed"]


def test_one_artifact_for_all_when_asked(tmp_path: Path) -> None:
    text = "runtime: python3.13\nindividually: false\nfunctions: {a: a.h, b: {handler: b.h, individually: true}}\n"
    service = load(tmp_path, {"slspack.yml": text})
    assert [each.individually for each in service.functions] == [False, True]
    assert service.name == tmp_path.name
    service = load(tmp_path, {"slspack.yml": text}, LoadOptions(individually=False))
    assert [each.individually for each in service.functions] == [False, False]


def test_patterns_of_a_function_that_shares_its_package_have_no_effect(tmp_path: Path) -> None:
    text = "runtime: python3.13\nindividually: false\npatterns: [x]\nfunctions: {a: {handler: a.h, patterns: [y]}}\n"
    service = load(tmp_path, {"slspack.yml": text})
    assert [each.glob for each in service.functions[0].patterns] == ["x"]
    assert [f"{note.code.id} {note.at}" for note in service.findings] == ["SLS0117 slspack.yml:4:42"]


def test_variables_are_the_framework_s_alone(tmp_path: Path) -> None:
    text = "runtime: python3.13\nfunctions: {a: a.h}\npatterns: ['${self:x}']\n"
    assert load(tmp_path, {"slspack.yml": text}).functions[0].patterns[0].glob == "${self:x}"


def test_which_file_is_taken(tmp_path: Path) -> None:
    own = "service: own\nruntime: python3.13\nfunctions: {a: a.h}\n"
    assert load(tmp_path, {"pyproject.toml": TOML}).name == "from-project"
    assert load(tmp_path, {"slspack.yaml": own}).config_files == ("slspack.yaml",)
    assert load(tmp_path, {"slspack.yml": own}).config_files == ("slspack.yml",)
    assert load(tmp_path, {"serverless.json": '{"service": "j", "provider": {}}'}).name == "j"
    assert load(tmp_path, {"serverless.yml": SERVERLESS}).name == "s"


@pytest.mark.parametrize(
    ("name", "text", "service"),
    [
        ("conf/slspack.yml", "service: own\nruntime: python3.13\nfunctions: {a: a.h}\n", "own"),
        ("conf/serverless.yml", SERVERLESS, "s"),
        ("conf/prod.yml", SERVERLESS, "s"),
        ("conf/any.yml", "service: any\nruntime: python3.13\nfunctions: {a: a.h}\n", "any"),
        ("conf/pyproject.toml", TOML, "from-project"),
        ("conf/other.toml", TOML, "from-project"),
        ("conf/own.toml", 'service = "t"\nruntime = "python3.13"\nfunctions = { a = "a.h" }\n', "t"),
    ],
)
def test_a_file_that_is_named(tmp_path: Path, name: str, text: str, service: str) -> None:
    files = {name: text, "serverless.yml": SERVERLESS.replace("service: s", "service: other")}
    loaded = load(tmp_path, files, LoadOptions(config=Path(name)))
    assert (loaded.name, loaded.config_files[0], loaded.root) == (service, name, tmp_path)
    assert load(tmp_path, {}, LoadOptions(config=tmp_path / name)).name == service


def test_no_configuration(tmp_path: Path) -> None:
    (finding,) = config_findings(tmp_path, {"pyproject.toml": '[project]\nname = "x"\n'})
    assert finding.code.id == "SLS0101"
    assert finding.message == (
        f"no configuration in `{tmp_path.name}`: looked for `serverless.yml`, `serverless.yaml`, `serverless.json`, "
        "`slspack.yml`, `slspack.yaml`, `pyproject.toml` with `[tool.slspack]`, "
        "`template.yaml`, `template.yml` and `template.json`"
    )
    (finding,) = config_findings(tmp_path, {"serverless.ts": ""})
    assert finding.hint == "slspack runs no JavaScript, so it cannot read `serverless.ts`: write a `slspack.yml`"
    assert config_errors(tmp_path, {}, LoadOptions(config=Path("x.yml"))) == ["SLS0101 None: there is no file `x.yml`"]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (
            {"slspack.yml": "runtime: python3.13\n"},
            "SLS0115 slspack.yml:1:1: slspack's configuration declares no `functions`",
        ),
        ({"slspack.yml": "[]\n"}, "SLS0104 slspack.yml:1:1: slspack's configuration must be a map"),
        (
            {"slspack.yml": "runtime: python3.13\nfunctions: {a: 1}\n"},
            "SLS0104 slspack.yml:2:16: `functions.a` must be a handler or a map, and is a number, `1`",
        ),
        (
            {"slspack.yml": "runtime: nodejs20.x\nfunctions: {a: a.h}\n"},
            "SLS0109 slspack.yml:1:10: function `a`: runtime nodejs20.x is not Python",
        ),
        (
            {"slspack.yml": "functions: {a: a.h}\n"},
            "SLS0116 slspack.yml:1:13: function `a` has no `runtime`",
        ),
        (
            {"slspack.yml": "runtime: python3.13\nrequirments: a.txt\nfunctions: {a: a.h}\n"},
            "SLS0103 slspack.yml:2:1: `requirments` is not a setting of slspack",
        ),
        (
            {"pyproject.toml": '[tool.slspack]\nruntime = "python3.13"\nfunctions.a = { handler = "a.h", handlr = 1 }'},
            "SLS0103 pyproject.toml:3:34: `tool.slspack.functions.a.handlr` is not a setting of slspack",
        ),
        (
            {"pyproject.toml": "[tool.slspack\n"},
            "SLS0102 pyproject.toml:1:14: not valid TOML: expected ']' at the end of a table declaration",
        ),
    ],
)
def test_errors(tmp_path: Path, files: dict[str, str], error: str) -> None:
    assert config_errors(tmp_path, files)[0] == error


def test_a_named_toml_without_the_table(tmp_path: Path) -> None:
    options = LoadOptions(config=Path("pyproject.toml"))
    assert config_errors(tmp_path, {"pyproject.toml": "[project]\n"}, options) == [
        "SLS0116 pyproject.toml:1:1: the file has no table `[tool.slspack]`"
    ]
