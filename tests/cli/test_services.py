"""Whole services, asserted file by file: names, modes and order."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.archives import assert_read_by_info_zip, modes_and_names
from tests.support.wheels import large_files, make_wheel, sha256_of

if TYPE_CHECKING:
    from tests.support.bench import Bench

HANDLER = "def handler(event, context):\n    return event\n"


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """`tests/services/shop` and the wheels that it names."""
    assert bench.index
    folder = bench.index.folder
    bench.copy("shop")
    make_wheel(
        folder,
        "render",
        "1.4",
        {"render/__init__.py": "from render._engine import fill\n", "render/_engine.py": "import speedups\n"},
        requires=["speedups ; extra == 'fast'", "slow ; extra == 'slow'"],
        extras=["fast", "slow"],
    )
    make_wheel(folder, "render", "0.9")
    for architecture in ("aarch64", "x86_64"):
        make_wheel(
            folder,
            "speedups",
            "3.0",
            {"speedups.py": "", f"_speedups.cpython-313-{architecture}-linux-gnu.so": architecture},
            tag=f"cp313-cp313-manylinux_2_28_{architecture}",
        )
    make_wheel(
        folder,
        "tables",
        "2.1",
        {
            "tables/__init__.py": "def rows(name):\n    return name\n",
            "tables/data.csv": "a,b\n",
            "tables/__pycache__/x.pyc": "",
        },
    )
    make_wheel(folder, "unused-by-health", "1.0")
    return bench


def test_each_function_of_the_shop_holds_just_what_it_needs(shop: Bench) -> None:
    shop.build()
    assert modes_and_names(shop.artifact("checkout")) == [
        "0644 render-1.4.dist-info/METADATA",
        "0644 render-1.4.dist-info/WHEEL",
        "0644 render/__init__.py",
        "0644 render/_engine.py",
        "0644 _speedups.cpython-313-aarch64-linux-gnu.so",
        "0644 speedups-3.0.dist-info/METADATA",
        "0644 speedups-3.0.dist-info/WHEEL",
        "0644 speedups.py",
        "0644 unused_by_health-1.0.dist-info/METADATA",
        "0644 unused_by_health-1.0.dist-info/WHEEL",
        "0644 unused_by_health/__init__.py",
        "0644 legal/imprint.txt",
        "0644 legal/terms.txt",
        "0644 src/check-out.py",
        "0644 storefront/__init__.py",
        "0644 storefront/cart.py",
        "0644 storefront/sql/total.sql",
        "0644 storefront/templates/page.html",
        "0644 storefront/views.py",
    ]
    assert shop.names_in("catalogue") == [
        "tables-2.1.dist-info/METADATA",
        "tables-2.1.dist-info/WHEEL",
        "tables/__init__.py",
        "tables/data.csv",
        "unused_by_health-1.0.dist-info/METADATA",
        "unused_by_health-1.0.dist-info/WHEEL",
        "unused_by_health/__init__.py",
        "app/pkg/helper.py",
        "app/pkg/main.py",
        "legal/imprint.txt",
    ]
    assert shop.names_in("health") == [
        "unused_by_health-1.0.dist-info/METADATA",
        "unused_by_health-1.0.dist-info/WHEEL",
        "unused_by_health/__init__.py",
        "tools/health.py",
    ]
    assert sorted(path.name for path in shop.artifact("health").parent.iterdir()) == [
        "catalogue.zip",
        "checkout.zip",
        "health.zip",
        "manifest.json",
    ]


def test_files_are_in_the_artifact_as_they_are_in_the_service(shop: Bench) -> None:
    shop.build()
    for name, source in {
        "src/check-out.py": "src/check-out.py",
        "storefront/views.py": "src/storefront/views.py",
        "storefront/sql/total.sql": "src/storefront/sql/total.sql",
        "legal/terms.txt": "legal/terms.txt",
    }.items():
        assert shop.read_from("checkout", name) == (shop.root / source).read_bytes()
    assert shop.read_from("checkout", "_speedups.cpython-313-aarch64-linux-gnu.so") == b"aarch64"
    assert shop.read_from("checkout", "speedups-3.0.dist-info/METADATA").startswith(
        b"Metadata-Version: 2.1\nName: spee"
    )


def test_other_tools_read_the_artifacts_without_a_warning(shop: Bench) -> None:
    shop.build()
    for name in ("checkout", "catalogue", "health"):
        assert_read_by_info_zip(shop.artifact(name))
        with zipfile.ZipFile(shop.artifact(name)) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {info.create_system for info in archive.infolist()} == {3}


def test_functions_that_are_not_ours_are_left_alone_with_a_line_that_says_so(shop: Bench) -> None:
    result = shop.slspack("build")
    assert result.status == 0
    assert set(shop.slspack("build", "--json").manifest["functions"]) == {"checkout", "catalogue", "health"}
    for line in (
        "notice[SLS0114]: function `resize` is left alone: runtime nodejs20.x\n",
        "notice[SLS0114]: function `scan` is left alone: image\n",
        "notice[SLS0114]: function `legacy` is left alone: package.artifact\n",
    ):
        assert line in result.err


def test_a_listed_distribution_that_nothing_references_is_kept_with_a_warning(shop: Bench) -> None:
    (warning,) = [w for w in shop.build()["warnings"] if w["code"] == "SLS0403"]
    assert "`unused-by-health`" in warning["message"]
    assert (warning["file"], warning["line"]) == ("requirements.txt", 5)


def test_wheels_that_no_function_needs_are_never_downloaded(shop: Bench) -> None:
    assert shop.index
    make_wheel(shop.index.folder, "huge", files=large_files("huge"))
    shop.write({"requirements.txt": "render[fast]\ntables==2.1\nhuge\n"})
    text = (shop.root / "serverless.yml").read_text("utf-8")
    shop.write({"serverless.yml": text + "custom: {slspack: {excludeDistributions: [huge]}}\n"})
    shop.build()
    assert shop.index.downloaded() == {
        "render-1.4-py3-none-any.whl",
        "speedups-3.0-cp313-cp313-manylinux_2_28_aarch64.whl",
        "tables-2.1-py3-none-any.whl",
    }


def test_what_only_other_functions_need_is_not_downloaded_for_one(bench: Bench) -> None:
    """Although the service lists more than the function uses: another function visibly uses that."""
    assert bench.index
    make_wheel(bench.index.folder, "small")
    make_wheel(bench.index.folder, "huge", files=large_files("huge"))
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nfunctions: {light: light.handler, heavy: heavy.handler}\n",
            "requirements.txt": "small\nhuge\n",
            "light.py": f"import small\n{HANDLER}",
            "heavy.py": f"import huge\n{HANDLER}",
        }
    )
    light = bench.build("-f", "light")["functions"]["light"]
    assert bench.index.downloaded() == {"small-1.0-py3-none-any.whl"}
    assert bench.build()["functions"]["light"]["sha256"] == light["sha256"]


def test_one_artifact_for_the_service(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "alpha")
    make_wheel(bench.index.folder, "beta")
    bench.write(
        {
            "serverless.yml": """
                service: both
                provider: {name: aws, runtime: python3.13}
                functions:
                  one: {handler: one.handler}
                  two: {handler: two.handler}
            """,
            "requirements.txt": "alpha\nbeta\n",
            "one.py": f"import alpha\nimport shared\n{HANDLER}",
            "two.py": f"import beta\nimport shared\n{HANDLER}",
            "shared.py": "",
            "unused.py": "",
        }
    )
    manifest = bench.build("--no-individually")
    assert bench.names_in("both") == [
        "alpha-1.0.dist-info/METADATA",
        "alpha-1.0.dist-info/WHEEL",
        "alpha/__init__.py",
        "beta-1.0.dist-info/METADATA",
        "beta-1.0.dist-info/WHEEL",
        "beta/__init__.py",
        "one.py",
        "shared.py",
        "two.py",
    ]
    assert {record["artifact"] for record in manifest["functions"].values()} == {".slspack/dist/both.zip"}
    assert manifest["functions"]["one"]["modules"] == ["one.py", "shared.py"]
    assert [one["name"] for one in manifest["functions"]["two"]["distributions"]] == ["beta"]


def test_functions_of_different_targets_cannot_share_an_artifact(bench: Bench) -> None:
    bench.write(
        {
            "serverless.yml": """
service: both
provider: {name: aws, runtime: python3.13}
functions:
  one: {handler: one.handler}
  two: {handler: one.handler, architecture: arm64}
""",
            "one.py": HANDLER,
        }
    )
    result = bench.slspack("build", "--no-individually")
    assert result.status == 2
    assert result.err == (
        "error[SLS0113]: `two` (python3.13 arm64) and `one` (python3.13 x86_64) cannot share one service package\n"
        "  --> serverless.yml:6:3\n"
        "  hint: set `individually: true`, or build with `--individually`\n"
    )
    assert bench.slspack("build", "--individually").status == 0


def test_a_function_with_a_folder_of_its_own_and_its_own_requirements(bench: Bench) -> None:
    assert bench.index
    for version in ("1.0", "2.0"):
        make_wheel(bench.index.folder, "alpha", version)
    bench.write(
        {
            "serverless.yml": """
service: modules
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions:
  new: {handler: handler.run, module: functions/new}
  old: {handler: handler.run, module: functions/old}
""",
            "requirements.txt": "alpha==2.0\n",
            "functions/new/handler.py": "import alpha\nfrom common.log import log\nimport local\ndef run(e, c): ...\n",
            "functions/new/local.py": "",
            "functions/old/handler.py": "import alpha\nfrom common.log import log\n\n\ndef run(e, c): ...\n",
            "functions/old/requirements.txt": "alpha<2\n",
            "common/__init__.py": "",
            "common/log.py": "log = print\n",
        }
    )
    bench.build()
    shared = ["common/__init__.py", "common/log.py", "handler.py"]
    assert bench.names_in("new")[2:] == ["alpha/__init__.py", *shared, "local.py"]
    assert bench.names_in("old")[2:] == ["alpha/__init__.py", *shared]
    assert b"Version: 2.0" in bench.read_from("new", "alpha-2.0.dist-info/METADATA")
    assert b"Version: 1.0" in bench.read_from("old", "alpha-1.0.dist-info/METADATA")


@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param(
            {
                "slspack.yml": "service: s\nruntime: python3.12\narchitecture: arm64\nrequirements: needs.txt\n"
                "source-roots: [lib, web]\npatterns: ['!web/private/**', web/robots.txt]\n"
                "functions:\n  api: app.handler\n"
            },
            id="slspack.yml",
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname = "s"\nversion = "1"\n\n[tool.slspack]\nruntime = "python3.12"\n'
                'architecture = "arm64"\nrequirements = "needs.txt"\nsource-roots = ["lib", "web"]\n'
                'patterns = ["!web/private/**", "web/robots.txt"]\nfunctions = { api = "app.handler" }\n'
            },
            id="pyproject.toml",
        ),
    ],
)
def test_without_a_serverless_yml(bench: Bench, configuration: dict[str, str]) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "alpha", tag="cp312-cp312-manylinux2014_aarch64")
    bench.write(configuration)
    bench.write(
        {
            "needs.txt": "alpha\n",
            "lib/shared/__init__.py": "",
            "web/app.py": f"import alpha, shared, private.settings\n{HANDLER}",
            "web/robots.txt": "",
            "web/private/settings.py": "",
            "web/private/settings.json": "{}",
        }
    )
    manifest = bench.build("--individually")
    assert manifest["service"] == "s"
    assert manifest["functions"]["api"]["runtime"] == "python3.12"
    assert bench.names_in("api")[2:] == ["alpha/__init__.py", "app.py", "robots.txt", "shared/__init__.py"]


def test_dependencies_and_groups_of_a_project(bench: Bench) -> None:
    assert bench.index
    for name in ("alpha", "beta", "gamma"):
        make_wheel(bench.index.folder, name)
    bench.write(
        {
            "pyproject.toml": """
[project]
name = "grouped"
version = "1"
dependencies = ["alpha>=1"]

[dependency-groups]
dev = ["gamma"]
extra = ["beta"]

[tool.slspack]
runtime = "python3.13"
groups = ["extra"]
functions = { api = "app.handler" }
""",
            "src/app.py": f"import alpha, beta\n{HANDLER}",
        }
    )
    manifest = bench.build()
    assert [d["name"] for d in manifest["functions"]["api"]["distributions"]] == ["alpha", "beta"]
    bench.write({"src/app.py": f"import alpha, beta, gamma\n{HANDLER}"})
    result = bench.slspack("build")
    assert result.status == 1
    assert "error[SLS0404]" in result.err
    assert "  --> src/app.py:1:" in result.err
    assert "`gamma`" in result.err


def test_namespace_packages_of_the_service_and_of_distributions(bench: Bench) -> None:
    assert bench.index
    for part in ("storage", "pubsub", "auth"):
        make_wheel(bench.index.folder, f"vendor-{part}", files={f"vendor/cloud/{part}/__init__.py": ""})
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nsourceRoots: [one, two]\nfunctions:\n  api: acme.api.handler\n",
            "requirements.txt": "vendor-storage\nvendor-pubsub\nvendor-auth\n",
            "one/acme/api.py": f"from vendor.cloud import storage\nimport acme.tools.pick\n{HANDLER}",
            "one/acme/unused.py": "",
            "two/acme/tools/pick.py": "import vendor.cloud.auth\n",
            "two/acme/tools/other.py": "import vendor.cloud.pubsub\n",
        }
    )
    bench.write({"two/acme/other.py": "import vendor.cloud.pubsub\n"})
    manifest = bench.build()
    assert [n for n in bench.names_in("api") if "dist-info" not in n] == [
        "vendor/cloud/auth/__init__.py",
        "vendor/cloud/pubsub/__init__.py",
        "vendor/cloud/storage/__init__.py",
        "acme/api.py",
        "acme/tools/pick.py",
    ]
    # Nothing reaches `vendor-pubsub`, which is listed: it is kept, and the warning says so.
    assert [w["code"] for w in manifest["warnings"]] == ["SLS0403"]


def test_a_handler_that_lives_in_a_distribution(bench: Bench) -> None:
    assert bench.index
    make_wheel(
        bench.index.folder,
        "tracer-lambda",
        files={"tracer_lambda/__init__.py": "", "tracer_lambda/handler.py": HANDLER},
        requires=["wire"],
    )
    make_wheel(bench.index.folder, "wire")
    bench.write(
        {
            "serverless.yml": """
service: traced
provider: {name: aws, runtime: python3.13}
package: {individually: true}
functions:
  api: {handler: tracer_lambda.handler.handler, entrypoint: src/app.handler}
""",
            "requirements.txt": "tracer-lambda\n",
            "src/app.py": f"import shared\n{HANDLER}",
            "src/shared.py": "",
        }
    )
    bench.build()
    assert [n for n in bench.names_in("api") if "dist-info" not in n] == [
        "tracer_lambda/__init__.py",
        "tracer_lambda/handler.py",
        "wire/__init__.py",
        "shared.py",
        "src/app.py",
    ]


@pytest.mark.parametrize(("choice", "expected"), [("include", {"boto3", "botocore", "x"}), ("exclude", {"x"})])
def test_distributions_that_the_runtime_has(bench: Bench, choice: str, expected: set[str]) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "boto3", requires=["botocore"])
    make_wheel(bench.index.folder, "botocore")
    make_wheel(bench.index.folder, "x")
    bench.write(
        {
            "slspack.yml": f"runtime: python3.13\nruntimeProvided: {choice}\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "boto3\nx\n",
            "app.py": f"import boto3, botocore.config, x\n{HANDLER}",
        }
    )
    bench.write({"requirements.txt": "boto3\nbotocore\nx\n", "app.py": f"import boto3, botocore, x\n{HANDLER}"})
    assert {d["name"] for d in bench.build()["functions"]["api"]["distributions"]} == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("listed", {"frames", "arrows", "plots"}),
        ("reachable", {"frames", "plots"}),
        ("never", {"frames"}),
        ("{default: never, frames -> arrows: listed}", {"frames", "arrows"}),
    ],
)
def test_optional_imports_of_distributions(bench: Bench, choice: str, expected: set[str]) -> None:
    assert bench.index
    make_wheel(
        bench.index.folder,
        "frames",
        files={
            "frames/__init__.py": "def plot():\n    import plots\n",
            "frames/io.py": "try:\n    import arrows\nexcept ImportError:\n    arrows = None\n",
        },
    )
    make_wheel(bench.index.folder, "arrows", files={"arrows/__init__.py": "", "arrows/big.bin": b"\0" * 5_000_000})
    make_wheel(bench.index.folder, "plots")
    bench.write(
        {
            "slspack.yml": f"runtime: python3.13\noptionalImports: {choice}\nfunctions:\n  api: app.handler\n"
            "  other: other.handler\n",
            "requirements.txt": "frames\narrows\nplots\n",
            "app.py": f"import frames\n{HANDLER}",
            "other.py": f"import arrows, plots\n{HANDLER}",
        }
    )
    result = bench.slspack("build")
    assert result.status == 0
    assert {d["name"] for d in bench.build()["functions"]["api"]["distributions"]} == expected
    kept = expected - {"frames"}
    assert [name for name in ("arrows", "plots") if f"`{name}` (" in result.err] == sorted(kept)
    assert ("`arrows` (5.0 MB; `frames` at frames/io.py:2)" in result.err) == ("arrows" in kept)
    assert ("hint: to leave them out, set `optionalImports` to" in result.err) == bool(kept)


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [("error", 1, "error[SLS0401]"), ("warn", 0, "warning[SLS0401]"), ("ignore", 0, "")],
)
def test_imports_that_nothing_provides(bench: Bench, choice: str, status: int, code: str) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "requests")
    bench.write(
        {
            "slspack.yml": f"runtime: python3.13\nmissingImports: {choice}\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "requests\n",
            "app.py": f"import requests\nimport request.sessions\n{HANDLER}",
        }
    )
    result = bench.slspack("build")
    assert result.status == status
    assert code in result.err
    assert ("SLS0401" in result.err) == bool(code)
    if code:
        assert "  --> app.py:2:" in result.err
        assert "`request" in result.err
        assert "`requests`" in result.err


def test_a_lock_file_needs_no_resolving(bench: Bench) -> None:
    assert bench.index
    wheel = make_wheel(bench.index.folder, "alpha")
    make_wheel(bench.index.folder, "alpha", "2.0")
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nfunctions:\n  api: app.handler\n",
            "pylock.toml": f"""
lock-version = "1.0"
created-by = "tests"

[[packages]]
name = "alpha"
version = "1.0"
wheels = [{{ url = "{bench.index.file_url(wheel.name)}", hashes = {{ sha256 = "{sha256_of(wheel)}" }} }}]
""",
            "app.py": f"import alpha\n{HANDLER}",
        }
    )
    bench.build()
    assert bench.names_in("api")[0] == "alpha-1.0.dist-info/METADATA"
    assert not [request for request in bench.index.requests if request.path.startswith("/simple/")]


def test_schemes_of_wheels_and_executables(bench: Bench) -> None:
    assert bench.index
    data = "tool-1.0.data"
    make_wheel(
        bench.index.folder,
        "tool",
        files={
            "tool/__init__.py": "",
            "tool/helper.sh": "#!/bin/sh\n",
            f"{data}/purelib/tool_pure.py": "",
            f"{data}/platlib/tool_plat.py": "",
            f"{data}/scripts/tool-run": "#!python\n",
            f"{data}/data/share/tool.conf": "",
            f"{data}/headers/tool.h": "",
        },
        executable=["tool/helper.sh", f"{data}/scripts/tool-run"],
    )
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\npatterns: [bin/**]\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "tool\n",
            "app.py": f"import tool\n{HANDLER}",
            "bin/start": "#!/bin/sh\n",
        }
    )
    (bench.root / "bin/start").chmod(0o700)
    bench.build()
    assert modes_and_names(bench.artifact("api")) == [
        "0755 bin/tool-run",
        "0644 share/tool.conf",
        "0644 tool-1.0.dist-info/METADATA",
        "0644 tool-1.0.dist-info/WHEEL",
        "0644 tool/__init__.py",
        "0755 tool/helper.sh",
        "0644 tool_plat.py",
        "0644 tool_pure.py",
        "0644 app.py",
        "0755 bin/start",
    ]


def test_two_wheels_that_want_the_same_file(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "one", files={"one.py": "", "same.py": "", "shared.py": "1", "LICENSE": "1"})
    make_wheel(bench.index.folder, "two", files={"two.py": "", "same.py": "", "shared.py": "2", "LICENSE": "2"})
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\nfunctions:\n  api: app.handler\n",
            "requirements.txt": "one\ntwo\n",
            "app.py": f"import one, two\n{HANDLER}",
        }
    )
    result = bench.slspack("build")
    assert result.status == 1
    assert result.err == (
        "error[SLS0601]: `shared.py` comes from `one` 1.0 and `two` 1.0, with different content\n"
        "  in: api\n"
        "  hint: list only one of them, or leave the other out of this function with `excludeDistributions`\n"
    )


def test_default_excludes_and_what_patterns_bring_back(bench: Bench) -> None:
    bench.write(
        {
            "slspack.yml": "runtime: python3.13\npatterns: ['app/**', 'app/.env.example', '!app/**/*.md']\n"
            "functions:\n  api: app/main.handler\n",
            "app/main.py": HANDLER,
            "app/data.json": "{}",
            "app/other.py": "",
            "app/.hidden": "",
            "app/.env": "SECRET=1",
            "app/.env.example": "SECRET=",
            "app/key.pem": "-----BEGIN PRIVATE KEY-----",
            "app/notes.md": "",
            "app/__pycache__/main.cpython-313.pyc": "",
            "app/node_modules/x/index.js": "",
            "app/tests/test_main.py": "",
            ".git/config": "",
        }
    )
    bench.build()
    assert bench.names_in("api") == ["app/.env.example", "app/.hidden", "app/data.json", "app/main.py", "app/other.py"]
