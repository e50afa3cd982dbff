"""A `serverless.yml` as a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slspack.config import LoadOptions
from slspack.model import Architecture, Pattern, RequirementSet, Resolver, Severity, Tool
from tests.support.services import config_errors, config_findings, load

if TYPE_CHECKING:
    from pathlib import Path

    from slspack.model import Function, Service

HEAD = "service: shop\nprovider: {name: aws, runtime: python3.12}\n"


def yml(text: str) -> dict[str, str]:
    return {"serverless.yml": text}


def function(service: Service, name: str) -> Function:
    return next(each for each in service.functions if each.name == name)


def notes(service: Service) -> list[str]:
    return [f"{note.severity.value} {note.code.id} {note.at}: {note.message}" for note in service.findings]


def rules(patterns: tuple[Pattern, ...]) -> list[str]:
    return [pattern.glob if pattern.include else f"!{pattern.glob}" for pattern in patterns]


def test_the_smallest_service(tmp_path: Path) -> None:
    service = load(tmp_path, yml(HEAD + "functions:\n  api:\n    handler: src/my-lambda.handler\n"))
    (api,) = service.functions
    assert (service.name, service.stage, service.root) == ("shop", "dev", tmp_path)
    assert (service.config_files, service.findings, service.skipped) == (("serverless.yml",), (), ())
    assert (api.handler.text, api.handler.module, api.handler.attribute) == (
        "src/my-lambda.handler",
        "src.my-lambda",
        "handler",
    )
    assert str(api.handler.location) == "serverless.yml:5:14"
    assert str(api.location) == "serverless.yml:4:3"
    assert str(api.target) == "python3.12 x86_64"
    assert (api.individually, api.opaque_layers, api.source_roots) == (False, False, (".",))
    assert api.requirements == RequirementSet()


@pytest.mark.parametrize("name", ["serverless.yml", "serverless.yaml", "serverless.json"])
def test_every_name_of_the_file(tmp_path: Path, name: str) -> None:
    text = '{"service": "s", "provider": {"runtime": "python3.13"}, "functions": {"f": {"handler": "a.b"}}}'
    service = load(tmp_path, {name: text})
    assert service.config_files == (name,)
    assert [each.name for each in service.functions] == ["f"]


def test_the_stage_comes_from_the_command_line_first(tmp_path: Path) -> None:
    files = yml(
        "service: {name: 's-${sls:stage}'}\nprovider: {stage: qa, runtime: python3.13}\nfunctions: {f: {handler: a.b}}"
    )
    assert load(tmp_path, files).name == "s-qa"
    service = load(tmp_path, files, LoadOptions(stage="prod"))
    assert (service.name, service.stage) == ("s-prod", "prod")


def test_functions_as_a_list_of_maps_some_from_files(tmp_path: Path) -> None:
    files = {
        "serverless.yml": HEAD
        + "functions:\n  - ${file(fn/a.yml)}\n  - b: {handler: b.h}\n    c: ${file(fn/c.yml):c}\n"
        "  - b: {runtime: python3.13}\npackage: {individually: true}\n",
        "fn/a.yml": "a: {handler: a.h}\n",
        "fn/c.yml": "c: {handler: '${self:service}.h'}\n",
    }
    service = load(tmp_path, files)
    assert [(each.name, each.handler.text, each.target.runtime) for each in service.functions] == [
        ("a", "a.h", "python3.12"),
        ("b", "b.h", "python3.13"),
        ("c", "shop.h", "python3.12"),
    ]
    assert service.config_files == ("serverless.yml", "fn/a.yml", "fn/c.yml")
    assert str(function(service, "a").location) == "fn/a.yml:1:1"


def test_runtime_and_architecture_are_inherited(tmp_path: Path) -> None:
    text = (
        "service: s\nprovider: {runtime: python3.12, architecture: arm64}\npackage: {individually: true}\n"
        "functions:\n  a: {handler: a.h}\n  b: {handler: a.h, runtime: python3.13, architecture: x86_64}\n"
    )
    service = load(tmp_path, yml(text))
    assert [str(each.target) for each in service.functions] == ["python3.12 arm64", "python3.13 x86_64"]
    assert service.functions[0].target.architecture is Architecture.ARM64


def test_functions_that_are_left_alone(tmp_path: Path) -> None:
    text = (
        HEAD + "functions:\n  py: {handler: a.h}\n  js: {handler: a.h, runtime: nodejs20.x}\n"
        "  im: {image: '${ssm:/image}'}\n  zip: {handler: '${cf:x.y}', package: {artifact: x.zip}}\n"
        "  off: {handler: a.h, package: {disable: true}}\n"
    )
    service = load(tmp_path, yml(text))
    assert [(each.name, each.reason) for each in service.skipped] == [
        ("js", "runtime nodejs20.x"),
        ("im", "image"),
        ("zip", "package.artifact"),
        ("off", "package.disable"),
    ]
    assert notes(service)[0] == ("notice SLS0114 serverless.yml:5:3: function `js` is left alone: runtime nodejs20.x")
    assert [note.function for note in service.findings] == ["js", "im", "zip", "off"]


def test_an_artifact_of_the_service_is_for_those_that_share_it(tmp_path: Path) -> None:
    text = HEAD + (
        "package: {artifact: all.zip}\nfunctions:\n  a: {handler: a.h}\n"
        "  b: {handler: b.h, package: {individually: true}}\n"
    )
    service = load(tmp_path, yml(text))
    assert [each.name for each in service.functions] == ["b"]
    assert [(each.name, each.reason) for each in service.skipped] == [("a", "package.artifact of the service")]


def test_a_service_without_python_functions_is_only_warned_of(tmp_path: Path) -> None:
    message = "warning SLS0115 serverless.yml: `serverless.yml` declares no Python function to bundle"
    assert notes(load(tmp_path, yml(HEAD))) == [message]


def test_patterns_stand_in_the_framework_s_order(tmp_path: Path) -> None:
    text = (
        HEAD + "package:\n  individually: true\n  patterns: ['!**/*.json', keep.json, './dot', '!./**']\n"
        "  include: [inc]\n  exclude: [exc, '!back']\n"
        "functions:\n  f:\n    handler: a.h\n    package:\n      patterns: [keep.json, '!last']\n"
        "      include: [finc]\n      exclude: [fexc, exc]\n    slspack: {patterns: [own]}\n"
        "custom: {slspack: {patterns: '!service-own'}}\n"
    )
    (f,) = load(tmp_path, yml(text)).functions
    excludes = ["!exc", "back", "!fexc"]
    service = ["inc", "!**/*.json", "keep.json", "dot", "!**"]
    assert rules(f.patterns) == [*excludes, *service, "finc", "!last", "!service-own", "own"]
    assert str(f.patterns[-1].location) == "serverless.yml:15:26"


def test_patterns_of_a_function_that_shares_its_package_have_no_effect(tmp_path: Path) -> None:
    text = HEAD + "package: {patterns: [a]}\nfunctions:\n  f: {handler: a.h, package: {patterns: [b]}}\n"
    service = load(tmp_path, yml(text))
    assert rules(service.functions[0].patterns) == ["a"]
    assert notes(service) == [
        "warning SLS0117 serverless.yml:5:42: the patterns of `f` have no effect in a package that it shares"
    ]
    alone = load(tmp_path, yml(text), LoadOptions(individually=True))
    assert rules(alone.functions[0].patterns) == ["a", "b"]
    assert alone.findings == ()


@pytest.mark.parametrize(
    ("package", "custom", "own", "option", "expected"),
    [
        ("{}", "{}", "{}", None, False),
        ("{individually: true}", "{}", "{}", None, True),
        ("{individually: 'true'}", "{}", "{}", None, True),
        ("{individually: true}", "{}", "{package: {individually: false}}", None, False),
        ("{}", "{individually: true}", "{}", None, True),
        ("{}", "{}", "{slspack: {individually: true}}", None, True),
        ("{individually: true}", "{}", "{}", False, False),
        ("{}", "{}", "{package: {individually: false}}", True, True),
    ],
)
def test_individually(tmp_path: Path, package: str, custom: str, own: str, option: bool | None, expected: bool) -> None:
    text = (
        f"{HEAD}package: {package}\ncustom: {{slspack: {custom}}}\nfunctions:\n  f:\n    <<: {own}\n    handler: a.h\n"
    )
    (f,) = load(tmp_path, yml(text), LoadOptions(individually=option)).functions
    assert f.individually is expected


@pytest.mark.parametrize(
    ("provider", "own", "expected"),
    [
        ("", "", False),
        (", layers: [arn]", "", True),
        (", layers: [arn]", ", layers: []", False),
        ("", ", layers: [!Ref PythonRequirementsLambdaLayer]", True),
        ("", ", layers: '${cf:stack.layers}'", True),
    ],
)
def test_layers_cannot_be_looked_into(tmp_path: Path, provider: str, own: str, expected: bool) -> None:
    text = f"service: s\nprovider: {{runtime: python3.13{provider}}}\nfunctions:\n  f: {{handler: a.h{own}}}\n"
    assert load(tmp_path, yml(text)).functions[0].opaque_layers is expected


def test_a_module_has_its_own_roots_and_requirements(tmp_path: Path) -> None:
    text = (
        HEAD + "functions:\n  a: {handler: h.f, module: a}\n  b: {handler: h.f, module: ./b/}\n"
        "  c: {handler: h.f, module: b, slspack: {requirements: [c.txt, ../all.txt], groups: [g], extras: e}}\n"
        "  d: {handler: datadog_lambda.handler.handler, entrypoint: src/app.py}\n  e: {handler: h.f, module: .}\n"
    )
    service = load(tmp_path, {**yml(text), "a/requirements.txt": "", "b/h.py": "", "src/app.py": ""})
    a, b, c, d, e = service.functions
    assert (a.source_roots, a.requirements) == (("a", "."), RequirementSet(folder="a"))
    assert (b.source_roots, b.requirements) == (("b", "."), RequirementSet())
    assert c.requirements == RequirementSet("b", ("c.txt", "../all.txt"), ("g",), ("e",))
    assert (d.source_roots, d.entrypoints) == ((".", "src"), ("src/app.py",))
    assert e.source_roots == (".", "src")


def test_src_as_a_package_is_no_root(tmp_path: Path) -> None:
    files = {**yml(HEAD + "functions: {f: {handler: src/a.h}}\n"), "src/__init__.py": ""}
    assert load(tmp_path, files).functions[0].source_roots == (".",)


def test_configured_roots(tmp_path: Path) -> None:
    text = (
        HEAD + "custom: {slspack: {source-roots: [lib, ./app/]}}\n"
        "functions:\n  a: {handler: h.f}\n  b: {handler: h.f, module: m}\n"
        "  c: {handler: h.f, module: m, slspack: {sourceRoots: own}}\n"
    )
    service = load(tmp_path, {**yml(text), "src/x.py": ""})
    assert [each.source_roots for each in service.functions] == [("lib", "app"), ("m", "lib", "app"), ("own",)]


def test_the_file_name_of_serverless_python_requirements(tmp_path: Path) -> None:
    text = (
        HEAD + "custom: {pythonRequirements: {fileName: reqs.txt, dockerizePip: non-linux}}\n"
        "functions:\n  a: {handler: h.f}\n  b: {handler: h.f, module: m}\n"
    )
    service = load(tmp_path, {**yml(text), "reqs.txt": "", "m/reqs.txt": ""})
    assert [each.requirements for each in service.functions] == [
        RequirementSet(files=("reqs.txt",)),
        RequirementSet("m", ("m/reqs.txt",)),
    ]


def test_settings_of_the_service_and_on_top_of_them_a_function_s(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
custom:
  slspack:
    resolver: pip-tools
    requirements: base.txt
    optional-imports: {default: reachable, pandas -> Py_Arrow: never}
    missingImports: warn
    runtimeProvided: exclude
    modules: {cv2: opencv_python}
    includeDistributions: [B, a.b]
    excludeDistributions: [c, d]
functions:
  a: {handler: h.f}
  b:
    handler: h.f
    slspack:
      optionalImports: never
      missingImports: {default: error, google.cloud: ignore}
      runtimeProvided: include
      modules: {yaml: PyYAML}
      includeDistributions: c
      excludeDistributions: [B]
"""
    )
    a, b = load(tmp_path, yml(text)).functions
    assert a.requirements == b.requirements == RequirementSet(files=("base.txt",), resolver=Resolver.PIP_TOOLS)
    assert (a.policy.optional.value, a.policy.missing.value, a.policy.runtime_provided.value) == (
        "reachable",
        "warn",
        "exclude",
    )
    assert [(pair.importer, pair.imported, pair.choice.value) for pair in a.policy.optional_pairs] == [
        ("pandas", "py-arrow", "never")
    ]
    assert a.policy.include_distributions == ("a-b", "b")
    assert a.policy.exclude_distributions == ("c", "d")
    assert (b.policy.optional.value, b.policy.missing.value, b.policy.runtime_provided.value) == (
        "never",
        "error",
        "include",
    )
    assert b.policy.optional_pairs == a.policy.optional_pairs
    assert [(rule.module, rule.choice.value) for rule in b.policy.missing_rules] == [("google.cloud", "ignore")]
    assert [(owner.module, owner.distribution) for owner in b.policy.owners] == [
        ("cv2", "opencv-python"),
        ("yaml", "pyyaml"),
    ]
    assert b.policy.include_distributions == ("a-b", "c")
    assert b.policy.exclude_distributions == ("b", "d")


def test_what_slspack_does_not_need_is_left_in_peace(tmp_path: Path) -> None:
    text = """
service: shop
plugins: [serverless-offline]
provider:
  name: aws
  runtime: python3.13
  vpc: ${file(vpc.js)}
  environment: {KEY: '${ssm:/key}', BAD: '${opt:x, y}', LOOP: '${self:provider.environment.LOOP}'}
  unknownKey: ${git:sha1}
custom: {other: '${cf:a.b}', slspack: {}}
resources: ${file(missing.yml)}
functions:
  api: {handler: a.h, events: '${file(events.js)}', environment: !Sub '${AWS::Region}', unknown: 1}
"""
    service = load(tmp_path, yml(text))
    assert service.findings == ()
    assert service.config_files == ("serverless.yml",)


def test_custom_that_cannot_be_read_is_warned_of(tmp_path: Path) -> None:
    text = HEAD + "custom: ${file(custom.js)}\nfunctions: {f: {handler: a.h}}\n"
    assert notes(load(tmp_path, yml(text))) == [
        (
            "warning SLS0106 serverless.yml:3:9: `custom` depends on `${file(custom.js)}`, "
            "and slspack runs no JavaScript: settings of slspack in it are not seen"
        )
    ]
    broken = {**yml(HEAD + "custom: ${file(c.yml)}\n"), "c.yml": "a: [\n"}
    assert config_errors(tmp_path, broken)[0].startswith("SLS0102 c.yml:2:1: `custom` depends on `${file(c.yml)}`, but")


def test_a_deprecated_runtime_is_warned_of_once(tmp_path: Path) -> None:
    text = "service: s\nprovider: {runtime: python3.9}\nfunctions:\n  a: {handler: a.h}\n  b: {handler: b.h}\n"
    assert notes(load(tmp_path, yml(text))) == [
        "warning SLS0110 serverless.yml:4:3: AWS has deprecated `python3.9` (since 2025-12-15), which `a` runs on"
    ]


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        (
            "provider: {runtime: python3.13}\n",
            "SLS0116 serverless.yml:1:1: the service has no name",
            "write `service: my-service` at the top of the file",
        ),
        (
            "service: s\nprovider: aws\nfunctions:\n  f: {handler: a.h}\n",
            "SLS0116 serverless.yml:4:3: function `f` has no `runtime`",
            "write `runtime: python3.14` for the service or for the function",
        ),
        (
            HEAD + "functions:\n  f:\n",
            "SLS0116 serverless.yml:4:3: function `f` has no `handler`",
            "write the module and the function that Lambda calls: `handler: src/app.handler`",
        ),
        (
            HEAD + "functions:\n  f: {handler: handler}\n",
            "SLS0111 serverless.yml:4:16: `functions.f.handler`: `handler` is not of the form `module.attribute`",
            "write the module, a dot and the function's name: `src/app.handler` for `handler` in `src/app.py`",
        ),
        (
            "service: s\nprovider:\n  runtime: python3.7\nfunctions: {f: {handler: a.h}}\n",
            "SLS0109 serverless.yml:3:12: `provider.runtime`: the runtime `python3.7` is not supported",
            "slspack knows `python3.8` to `python3.14`; did you mean `python3.9`?",
        ),
        (
            HEAD + "functions:\n  f: {handler: a.h, architecture: sparc}\n",
            "SLS0109 serverless.yml:4:35: `functions.f.architecture`: the architecture `sparc` is not supported",
            "Lambda has `x86_64` and `arm64`",
        ),
        (
            HEAD + "custom:\n  slspack:\n    optionalImport: listed\n",
            "SLS0103 serverless.yml:5:5: `custom.slspack.optionalImport` is not a setting of slspack",
            "did you mean `optionalImports`?",
        ),
        (
            HEAD + "custom:\n  slspack: {runtime: python3.13}\n",
            "SLS0103 serverless.yml:4:13: `custom.slspack.runtime` is not a setting of slspack",
            "write it under `provider` or at the function",
        ),
        (
            HEAD + "functions:\n  f: {handler: a.h, slspack: {qqq: 1}}\n",
            "SLS0103 serverless.yml:4:31: `functions.f.slspack.qqq` is not a setting of slspack",
            None,
        ),
        (
            HEAD + "custom: {slspack: {sourceRoots: a, source-roots: b}}\n",
            (
                "SLS0104 serverless.yml:3:36: `custom.slspack.source-roots` and `sourceRoots` "
                "are two spellings of one setting"
            ),
            "keep one of them",
        ),
        (
            HEAD + "custom: {slspack: {optionalImports: sometimes}}\n",
            (
                "SLS0104 serverless.yml:3:37: `custom.slspack.optionalImports` must be "
                "`listed`, `reachable` or `never`, not `sometimes`"
            ),
            None,
        ),
        (
            HEAD + "custom: {slspack: {optionalImports: {pandas: never}}}\n",
            "SLS0104 serverless.yml:3:46: `custom.slspack.optionalImports.pandas` is not a pair of distributions",
            "write `default`, or a pair such as `pandas -> pyarrow`: what the first imports of the second",
        ),
        (
            HEAD + "custom: {slspack: {includeDistributions: [numpy==1]}}\n",
            (
                "SLS0104 serverless.yml:3:43: `custom.slspack.includeDistributions.0`: "
                "`numpy==1` is not the name of a distribution"
            ),
            "write its name alone, without a version or extras",
        ),
        (
            HEAD + "custom: {slspack: {missingImports: {a..b: warn}}}\n",
            "SLS0104 serverless.yml:3:43: `custom.slspack.missingImports.a..b`: `a..b` is not a module's name",
            "write it as `package.module`",
        ),
        (
            HEAD + "custom: {slspack: {sourceRoots: ../lib}}\n",
            "SLS0104 serverless.yml:3:33: `custom.slspack.sourceRoots`: `../lib` is outside the service",
            "name a folder inside it",
        ),
        (
            HEAD + "custom: {slspack: {requirements: /etc/r.txt}}\n",
            "SLS0104 serverless.yml:3:34: `custom.slspack.requirements`: `/etc/r.txt` is not a relative path",
            "write a path relative to the service's folder",
        ),
        (
            "service: s\nprovider: {runtime: 3.12}\nfunctions: {f: {handler: a.h}}\n",
            "SLS0104 serverless.yml:2:21: `provider.runtime` must be a string, and is a number, `3.12`",
            None,
        ),
        (
            HEAD + "package: {individually: 'no'}\n",
            "SLS0104 serverless.yml:3:25: `package.individually` must be `true` or `false`, and is a string",
            None,
        ),
        (
            HEAD + "functions: {f: {handler: !Ref X}}\n",
            "SLS0104 serverless.yml:3:26: `functions.f.handler` must be a string, and is CloudFormation's `!Ref`",
            None,
        ),
        (
            HEAD + "functions: [f]\n",
            "SLS0104 serverless.yml:3:13: `functions.0` must be a map, and is a string",
            None,
        ),
        (
            HEAD + "functions: {f: h}\n",
            "SLS0104 serverless.yml:3:16: `functions.f` must be a map, and is a string",
            None,
        ),
        ("- a\n", "SLS0104 serverless.yml:1:1: a `serverless.yml` must be a map", None),
        ("a: [\n", "SLS0102 serverless.yml:2:1: not valid YAML: did not find expected node content", None),
        (
            "service: ${self:custom.a}\nprovider: {runtime: python3.13}\ncustom: {a: '${self:service}'}\n",
            (
                "SLS0105 serverless.yml:1:10: `service` depends on `${self:custom.a}`, which leads back to itself: "
                "`${self:custom.a}` → `${self:service}` → `${self:custom.a}`"
            ),
            "give one of them a value that does not depend on the others (serverless.yml:1:10, serverless.yml:3:13)",
        ),
        (
            "service: s\nprovider: {runtime: '${ssm:/rt}'}\nfunctions: {f: {handler: a.h}}\n",
            (
                "SLS0106 serverless.yml:2:21: `provider.runtime` depends on `${ssm:/rt}`, "
                "and only the cloud can answer `ssm`"
            ),
            "give it a value that slspack can read: a literal, `${opt:…}`, `${env:…}`, `${param:…}` or `${file(…)}`",
        ),
        (
            HEAD + "functions: {f: {handler: '${env:H}'}}\n",
            (
                "SLS0106 serverless.yml:3:26: `functions.f.handler` depends on `${env:H}`, "
                "but the environment variable `H` is not set"
            ),
            "set it, or give a fallback: `${env:H, 'value'}`",
        ),
        (
            HEAD + "functions: {f: {handler: '${opt:h, a.b}'}}\n",
            (
                "SLS0107 serverless.yml:3:26: `functions.f.handler` depends on `${opt:h, a.b}`, "
                "which cannot be parsed: the fallback `a.b` must be quoted: `'a.b'`"
            ),
            None,
        ),
        (
            HEAD + "functions: ${file(functions.yml)}\n",
            (
                "SLS0112 serverless.yml:3:12: `functions` depends on `${file(functions.yml)}`, "
                "but there is no file `functions.yml`"
            ),
            None,
        ),
        (
            (
                "service: s\nprovider: {runtime: python3.13}\nfunctions:\n"
                "  a: {handler: a.h}\n  b: {handler: b.h, architecture: arm64}\n"
            ),
            (
                "SLS0113 serverless.yml:5:3: `b` (python3.13 arm64) and `a` (python3.13 x86_64) "
                "cannot share one service package"
            ),
            "set `individually: true`, or build with `--individually`",
        ),
    ],
)
def test_errors(tmp_path: Path, text: str, error: str, hint: str | None) -> None:
    (finding,) = config_findings(tmp_path, yml(text))
    assert f"{finding.code.id} {finding.at}: {finding.message}" == error
    assert finding.hint == hint
    assert finding.severity is Severity.ERROR


def test_all_errors_are_told_at_once_by_place(tmp_path: Path) -> None:
    text = (
        "service: s\nprovider: {runtime: python2.7}\nfunctions:\n  b: {handler: x, runtime: python3.13}\n"
        "  a: {handler: a.h, slspack: {nope: 1, modules: [1]}}\n  c: {handler: a.h}\n"
        "custom: {slspack: {patern: x}}\n"
    )
    assert [line.split(": ")[0] for line in config_errors(tmp_path, yml(text))] == [
        "SLS0109 serverless.yml:2:21",
        "SLS0111 serverless.yml:4:16",
        "SLS0103 serverless.yml:5:31",
        "SLS0104 serverless.yml:5:49",
        "SLS0103 serverless.yml:7:20",
    ]


def test_an_error_in_an_included_file_points_into_it(tmp_path: Path) -> None:
    files = {**yml(HEAD + "functions: ${file(fn/all.yml)}\n"), "fn/all.yml": "f:\n  handler: nodots\n"}
    assert config_errors(tmp_path, files) == [
        "SLS0111 fn/all.yml:2:12: `functions.f.handler`: `nodots` is not of the form `module.attribute`"
    ]


POETRY_PROJECT = "[tool.poetry]\nname = 'a'\n"


@pytest.mark.parametrize(
    ("options", "files", "expected"),
    [
        ("fileName: r.txt", {"r.txt": ""}, RequirementSet(files=("r.txt",))),
        ("fileName: r.txt", {"r.txt": "", "pyproject.toml": POETRY_PROJECT}, RequirementSet()),
        (
            "fileName: r.txt",
            {"r.txt": "", "pyproject.toml": "[project]\nname = 'a'\n"},
            RequirementSet(files=("r.txt",)),
        ),
        ("fileName: r.txt", {"r.txt": "", "Pipfile": ""}, RequirementSet()),
        (
            "fileName: r.txt, usePoetry: false, usePipenv: false",
            {"r.txt": "", "pyproject.toml": POETRY_PROJECT, "Pipfile": ""},
            RequirementSet(files=("r.txt",), ignored_tools=(Tool.POETRY, Tool.PIPENV)),
        ),
        (
            "poetryWithGroups: [a], poetryWithoutGroups: [b], poetryOnlyGroups: c, requirePoetryLockFile: true",
            {},
            RequirementSet(groups=("a",), without_groups=("b",), only_groups=("c",), require_lock=True),
        ),
        ("requirePoetryLockFile: false, usePoetry: true, usePipenv: true", {}, RequirementSet()),
    ],
)
def test_sources_as_serverless_python_requirements_spells_them(
    tmp_path: Path, options: str, files: dict[str, str], expected: RequirementSet
) -> None:
    text = f"{HEAD}custom: {{pythonRequirements: {{{options}}}}}\nfunctions:\n  a: {{handler: h.f}}\n"
    (function,) = load(tmp_path, {**yml(text), **files}).functions
    assert function.requirements == expected


def test_groups_of_the_service_and_of_a_function(tmp_path: Path) -> None:
    text = (
        HEAD + "custom:\n  pythonRequirements: {poetryWithGroups: [old], requirePoetryLockFile: true}\n"
        "  slspack: {groups: [a], withoutGroups: [w], onlyGroups: [o], extras: [e]}\n"
        "functions:\n  a: {handler: h.f}\n"
        "  b: {handler: h.f, slspack: "
        "{groups: [], without-groups: b, only-groups: [], requireLock: false, extras: x}}\n"
    )
    a, b = load(tmp_path, yml(text)).functions
    assert a.requirements == RequirementSet(
        groups=("a",), extras=("e",), without_groups=("w",), only_groups=("o",), require_lock=True
    )
    assert b.requirements == RequirementSet(extras=("x",), without_groups=("b",))
