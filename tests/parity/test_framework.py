"""The Serverless Framework's own keys and rules, row by row, as far as they bear on packaging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parity.rows import API, Rows, configure, distributions, refused, sha256, shop
from tests.support.bench import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

ROWS = Rows("Serverless Framework")
PLUGIN = (REPOSITORY / "deploy/serverless-slspack/index.js").read_text("utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


def function(bench: Bench, name: str = "api") -> dict[str, object]:
    """A function as the configuration comes to."""
    result = bench.slspack("config", "--json")
    assert result.status == 0, result.err
    return next(each for each in json.loads(result.out)["functions"] if each["name"] == name)


@ROWS.row("packaging", "the same: code and what it needs, in one uploadable artifact")
def _(bench: Bench) -> None:
    assert distributions(bench) == ["core", "web"]
    assert {"app.py", "web/__init__.py", "core/__init__.py"} <= set(bench.names_in("api"))


@ROWS.row("service package", "works: without `package.individually` all functions share one zip")
def _(bench: Bench) -> None:
    configure(bench, API + "  other: {handler: app.handler}\n", package="patterns: []")
    assert len({each["artifact"] for each in bench.build()["functions"].values()}) == 1


@ROWS.row("`package.individually`", "works, also at a function")
def _(bench: Bench) -> None:
    configure(bench, API + "  other: {handler: app.handler, package: {individually: true}}\n", package="patterns: []")
    assert len({each["artifact"] for each in bench.build()["functions"].values()}) == 2


@ROWS.row(
    "`package.patterns`, `package.include`, `package.exclude`",
    "work on top of what is traced; no `**` is put before them, so that big trees cost nothing",
)
def _(bench: Bench) -> None:
    bench.write({"data/a.json": "", "b.txt": "", "unasked.txt": ""})
    configure(bench, package="individually: true, include: ['b.*'], exclude: ['*.md'], patterns: ['data/**']")
    bench.build()
    assert {"data/a.json", "b.txt", "app.py"} <= set(bench.names_in("api"))
    assert "unasked.txt" not in bench.names_in("api")


@ROWS.row("order of rules", "the same: the last rule that matches a file decides")
def _(bench: Bench) -> None:
    bench.write({"data/a.json": "", "data/b.json": ""})
    configure(bench, package="individually: true, patterns: ['!./**', 'data/**', '!data/b.json', app.py]")
    bench.build()
    names = set(bench.names_in("api"))
    assert "data/a.json" in names
    assert "data/b.json" not in names


@ROWS.row("dev dependencies", "what no handler imports is not packaged; a development group never is")
def _(bench: Bench) -> None:
    bench.write({"requirements-dev.txt": "tools\n"})
    assert distributions(bench) == ["core", "web"]


@ROWS.row("output folder", "`.slspack/dist`; with the plugin the Framework takes artifacts from there")
def _(bench: Bench) -> None:
    bench.build()
    assert bench.artifact("api").is_file()
    assert not (bench.root / ".serverless").exists()


@ROWS.row("artifact name", "`FUNCTION.zip`, and `SERVICE.zip` for a shared one")
def _(bench: Bench) -> None:
    configure(bench, package="patterns: []")
    bench.build()
    assert (bench.root / ".slspack/dist/shop.zip").is_file()


@ROWS.row("commands", "`package`, `deploy`, `deploy function`, `invoke local`, `offline` work with the plugin")
def _(_: Bench) -> None:
    for event in ("package:createDeploymentArtifacts", "deploy:function:packageFunction", "invoke:local:invoke"):
        assert f"'before:{event}'" in PLUGIN


@ROWS.row("`serverless dev`", "nothing to package; `slspack watch` beside it keeps artifacts current")
def _(bench: Bench) -> None:
    assert bench.slspack("watch --help").status == 0


@ROWS.row("`serverless invoke local --function f`", "works with the plugin: what runs is what is bundled")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "-f", "api", "--format", "dir", "--live").status == 0
    assert (bench.folder("api") / "web/__init__.py").is_file()


@ROWS.row("`functions.<key>.handler`", "required: `path/file.function`; a missing one is an error")
def _(bench: Bench) -> None:
    bench.write({"src/deep/work.py": "def run(event, context): ...\n"})
    configure(bench, "  api: {handler: src/deep/work.run}\n")
    bench.build()
    assert "src/deep/work.py" in bench.names_in("api")
    configure(bench, "  api: {description: x}\n")
    assert "error[SLS0116]: function `api` has no `handler`" in refused(bench)


@ROWS.row("`functions` as a list", "works, with `${file(…)}` too")
def _(bench: Bench) -> None:
    bench.write({"more.yml": "jobs: {handler: app.handler}\n"})
    configure(bench, "  - api: {handler: app.handler}\n  - ${file(./more.yml)}\n")
    assert set(bench.build()["functions"]) == {"api", "jobs"}


INERT = {
    "`name`": "name: shop-dev-x",
    "`description`": "description: x",
    "`memorySize`": "memorySize: 512",
    "`timeout`": "timeout: 30",
    "`provisionedConcurrency`, `reservedConcurrency`": "provisionedConcurrency: 1, reservedConcurrency: 2",
    "`tags`": "tags: {a: b}",
    "`disableLogs`": "disableLogs: true",
    "`onError`": "onError: 'arn:aws:sns:eu-west-1:123456789012:topic'",
    "`awsKmsKeyArn`": "awsKmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/x'",
    "`tracing`": "tracing: Active",
    "`destinations.onSuccess/onFailure`": "destinations: {onSuccess: other, onFailure: other}",
    "`maximumEventAge`, `maximumRetryAttempts`": "maximumEventAge: 60, maximumRetryAttempts: 1",
    "`fileSystemConfig`": "fileSystemConfig: {arn: x, localMountPath: /mnt/example}",
    "`vpc`": "vpc: {securityGroupIds: [a], subnetIds: [b]}",
    "`environment` (provider + function)": "environment: {STAGE: x}",
}


@ROWS.alike("the Framework's own: an artifact does not depend on it", *INERT)
def _(bench: Bench, name: str) -> None:
    before = sha256(bench)
    configure(bench, f"  api: {{handler: app.handler, {INERT[name]}}}\n")
    assert sha256(bench) == before


@ROWS.alike("the Framework's own", "`provider.versionFunctions`", "`provider.iam.role.statements`, `provider.role`")
def _(bench: Bench, _: str) -> None:
    """An unchanged function keeps its bytes, so that no version is made for nothing."""
    before = sha256(bench)
    configure(bench, provider="versionFunctions: true, role: x, iam: {role: {statements: []}}")
    assert sha256(bench) == before
    assert bench.slspack("clean").status == 0
    assert sha256(bench) == before


@ROWS.row("`runtime`", "works, also per function; what is not Python is left alone")
def _(bench: Bench) -> None:
    configure(
        bench, API + "  old: {handler: app.handler, runtime: python3.12}\n  js: {handler: a.b, runtime: nodejs20.x}\n"
    )
    runtimes = {name: each["runtime"] for name, each in bench.build()["functions"].items()}
    assert runtimes == {"api": "python3.13", "old": "python3.12"}


@ROWS.row("inheritance", "the same: what a function says counts before the provider's")
def _(bench: Bench) -> None:
    configure(bench, API + "  arm: {handler: app.handler, architecture: arm64}\n", provider="architecture: x86_64")
    built = bench.build()["functions"]
    assert [built[name]["architecture"] for name in ("api", "arm")] == ["x86_64", "arm64"]


@ROWS.row("`layers`", "an import that nothing provides may be a layer's: a notice in place of an error")
def _(bench: Bench) -> None:
    bench.write({"app.py": "import web, layered\n\ndef handler(e, c): ...\n"})
    assert "error[SLS0401]" in refused(bench)
    configure(bench, "  api: {handler: app.handler, layers: [{Ref: SharedLambdaLayer}]}\n")
    assert bench.slspack("build").status == 0


@ROWS.alike(
    "functions that are images already are left alone; `package: {type: image}` has slspack make them "
    "([Container images](../guides/container-images.md))",
    "`image`",
    "`provider.ecr.images.<n>`",
    "`provider.ecr.scanOnPush`",
    "ECR repository",
)
def _(bench: Bench, _: str) -> None:
    configure(
        bench, API + "  im: {image: {name: base}}\n", provider="ecr: {scanOnPush: true, images: {base: {path: ./x}}}"
    )
    assert set(bench.build()["functions"]) == {"api"}


@ROWS.row(
    "`${self:a.b}`, `${opt:stage}`, `${env:X}`, `${file(p)}`, `${sls:stage}`, `${strToBool(…)}`, defaults",
    "resolved as the Framework does it, as far as the machine knows; else the key is named",
)
def _(bench: Bench) -> None:
    bench.write({"b.yml": "handler: app.handler\n"})
    text = "  api: {handler: '${file(b.yml):handler}', timeout: '${env:NOT_SET, 3}'}\n"
    configure(bench, text, package="individually: '${strToBool(${self:custom.one})}'", custom="one: 'true'")
    assert distributions(bench) == ["core", "web"]


@ROWS.row("native dotenv: `useDotenv`", "works: `.env.STAGE`, else `.env`, for `${env:X}`; neither is ever packaged")
def _(bench: Bench) -> None:
    bench.write({".env": "HANDLER=app.handler\n"})
    configure(
        bench,
        "  api: {handler: '${env:HANDLER}'}\n",
        more="useDotenv: true\n",
        package="individually: true, patterns: ['**']",
    )
    bench.build()
    assert ".env" not in bench.names_in("api")


@ROWS.row(
    "plugins before or after variables", "slspack reads the service in the Framework's hooks, when it is resolved"
)
def _(_: Bench) -> None:
    constructor = PLUGIN[PLUGIN.index("constructor(") : PLUGIN.index("this.hooks")]
    assert "provider.runtime" not in constructor


@ROWS.row("unknown CLI options", "the plugin declares its options to the Framework")
def _(_: Bench) -> None:
    declared = (REPOSITORY / "deploy/serverless-slspack/lib/commands.js").read_text("utf-8")
    assert "usage: 'The function', shortcut: 'f'" in declared


@ROWS.row("`provider.environment: ${file(…):key}`", "works")
def _(bench: Bench) -> None:
    bench.write({"env.yml": "dev: {A: b}\n"})
    configure(bench, provider="environment: '${file(env.yml):dev}'")
    assert distributions(bench) == ["core", "web"]


@ROWS.row("logical id", "untouched: an artifact goes by the function's key, whatever characters it has")
def _(bench: Bench) -> None:
    configure(bench, "  hello-world_2: {handler: app.handler}\n")
    bench.build()
    assert bench.artifact("hello-world_2").is_file()


@ROWS.row("`#{AWS::Region}`", "passed over, where no setting of slspack needs it")
def _(bench: Bench) -> None:
    configure(bench, "  api: {handler: app.handler, environment: {R: '#{AWS::Region}'}}\n")
    assert distributions(bench) == ["core", "web"]


@ROWS.row("`plugins:` at the root", "the order of plugins makes no difference")
def _(bench: Bench) -> None:
    before = sha256(bench)
    configure(bench, more="plugins: {modules: [serverless-slspack, serverless-offline]}\n")
    assert sha256(bench) == before


@ROWS.row("`serverless --verbose`", "`slspack plugins` lists those of slspack; `-v` and `--debug` say more")
def _(bench: Bench) -> None:
    assert bench.slspack("build", "-v").status == 0
    assert bench.slspack("plugins").status == 0


@ROWS.row("`serverless plugin install -n X`", "`pip install slspack`: no Node.js project is needed to build")
def _(bench: Bench) -> None:
    assert distributions(bench) == ["core", "web"]
    assert not (bench.root / "package.json").exists()


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_row(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
