"""Other plugins and systems, row by row: what they need of a packager, and what it must leave alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from slspack.store import Store
from slspack.store.census import stored_objects
from slspack.targets import parse_target
from tests.parity.rows import API, Rows, configure, distributions, refused, sha256, shop
from tests.support.aws import REGION, deployed
from tests.support.bench import REPOSITORY
from tests.support.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.bench import Bench

ROWS = Rows("Other plugins and systems")
PLUGIN = (REPOSITORY / "deploy/serverless-slspack/index.js").read_text("utf-8")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with shop(tmp_path) as made:
        yield made


def kinds(bench: Bench) -> set[str]:
    return {each.kind.value for each in stored_objects(Store(bench.store))}


PRUNING = {
    "sls prune -n N": ("works: `slspack prune-versions -n 3`", "-n 1", ["2"]),
    "-f`, `--stage`, `--region": ("work, and `--profile`", "-n 1 -f api -s dev --region eu-west-1", ["2"]),
    "custom.prune.automatic": ("no part of deploying: `sls deploy && slspack prune-versions`", "-n 1", ["2"]),
    "custom.prune.number": ("works, after `-n` and the plugin's option `number`", "", ["2"]),
    "custom.prune.includeLayers": ("works, after `--layers` and the plugin's option `includeLayers`", "", ["2"]),
    "permissions": ("the same", "-n 1", ["2"]),
    "--dryRun": ("`--dry-run`", "-n 1 --dry-run", ["1", "2"]),
}


@ROWS.each(
    {
        f"serverless-prune-plugin: `{name}`".replace("`permissions`", "permissions"): row[0]
        for name, row in PRUNING.items()
    }
)
def _(bench: Bench, name: str) -> None:
    _, arguments, left = next(row for one, row in PRUNING.items() if one in name)
    own = "slspack: {plugins: [{use: prune-versions, options: {number: 1}}]}"
    configure(bench, custom="prune: {number: 1, includeLayers: true}" if "custom.prune." in name else own)
    with deployed() as account:
        account.deploy("shop-dev-api", 2)
        words = ["--region", REGION, *arguments.split()]
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        result = bench.slspack("-p prune-versions prune-versions", *words, **keys)
        assert result.status == 0, result.err
        assert account.versions("shop-dev-api") == ["$LATEST", *left]


@ROWS.row(
    "serverless-http",
    "WSGI and ASGI adapters are requirements like any other; a layer's or a distribution's handler has `entrypoint`",
)
def _(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "adapter", files={"adapter.py": "def handler(event, context): ...\n"})
    bench.write({"requirements.txt": "web\nadapter\n"})
    configure(bench, "  api: {handler: adapter.handler, entrypoint: app.handler}\n")
    assert distributions(bench) == ["adapter", "core", "web"]


DOTENV = (
    "path basePath dotenvParser include exclude logging required.env required.file variableExpansion v4BreakingChanges"
)


@ROWS.alike("the plugin's own: variables are no part of an artifact",
    *(f"serverless-dotenv-plugin: `{one}`" for one in DOTENV.split()), "serverless-dotenv-plugin: `--env`",
)  # fmt: skip
def _(bench: Bench, name: str) -> None:
    before = sha256(bench)
    key = name.partition("`")[2].strip("`-").replace(".", "_")
    configure(bench, custom=f"dotenv: {{{key}: x}}")
    assert sha256(bench) == before


@ROWS.alike("`.env` files are never packaged, whatever pattern adds their folder, unless one names them",
    "serverless-dotenv-plugin: file resolution", "serverless-dotenv-plugin: precedence",
)  # fmt: skip
def _(bench: Bench, _: str) -> None:
    bench.write(
        {".env": "S=1", ".env.dev": "S=1", ".env.dev.local": "S=1", "conf/.env.local": "S=1", "conf/a.json": ""}
    )
    configure(bench, package="individually: true, patterns: ['**']")
    bench.build()
    assert not [name for name in bench.names_in("api") if ".env" in name]
    assert "conf/a.json" in bench.names_in("api")


@ROWS.row(
    "serverless-step-functions",
    "functions keep their keys, each has an artifact of its own, and the block is not looked at",
)
def _(bench: Bench) -> None:
    functions = "".join(f"  hello{n}: {{handler: app.handler}}\n" for n in range(1, 5))
    configure(
        bench, functions, more="stepFunctions: {stateMachines: {m: {definition: {StartAt: x}}}, validate: true}\n"
    )
    built = bench.build()["functions"]
    assert set(built) == {"hello1", "hello2", "hello3", "hello4"}
    assert len({each["artifact"] for each in built.values()}) == 4
    assert len({each["sha256"] for each in built.values()}) == 1


DATADOG = (
    "addLayers addExtension exclude enabled customHandler redirectHandlers enableDDTracing enableDDLogs enableASM "
    "enableXrayTracing enableProfiling enableColdStartTracing captureLambdaPayload enableSourceCodeIntegration env "
    "logLevel"
)


@ROWS.alike("the plugin's own", *(f"serverless-plugin-datadog: `{one}`" for one in DATADOG.split()))
def _(bench: Bench, name: str) -> None:
    before = sha256(bench)
    key = name.partition("`")[2].strip("`")
    configure(bench, custom=f"datadog: {{{key}: x}}")
    assert sha256(bench) == before


@ROWS.row(
    "serverless-plugin-datadog: handler redirection",
    "the own handler that `DD_LAMBDA_HANDLER` names is traced; `datadog-lambda` is packaged where it is listed",
)
def _(bench: Bench) -> None:
    assert bench.index
    make_wheel(bench.index.folder, "datadog_lambda", files={"datadog_lambda/handler.py": "handler = None\n"})
    bench.write({"requirements.txt": "web\ndatadog_lambda\n"})
    environment = "environment: {DD_LAMBDA_HANDLER: app.handler}"
    configure(bench, f"  api: {{handler: datadog_lambda.handler.handler, {environment}}}\n")
    assert distributions(bench) == ["core", "datadog-lambda", "web"]
    assert "app.py" in bench.names_in("api")
    assert "datadog_lambda-1.0.dist-info/METADATA" in bench.names_in("api")


@ROWS.row("serverless-plugin-typescript: zero config", "the same: a handler and a requirements file are enough")
def _(bench: Bench) -> None:
    bench.write({"serverless.yml": f"service: shop\nprovider: {{name: aws, runtime: python3.13}}\nfunctions:\n{API}"})
    assert distributions(bench) == ["core", "web"]


@ROWS.row("serverless-plugin-typescript: `package.include`", "works: what it names is in the artifact")
def _(bench: Bench) -> None:
    bench.write({"x.graphql": ""})
    configure(bench, package="individually: true, include: [x.graphql]")
    bench.build()
    assert "x.graphql" in bench.names_in("api")


@ROWS.alike("about TypeScript: nothing of it bears on Python",
    "serverless-plugin-typescript: tsconfig", "serverless-plugin-typescript: `tsConfigFileLocation`",
    "serverless-plugin-typescript: entry (Google)", "serverless-plugin-typescript: source maps",
    "serverless-plugin-typescript: `--dontPrintOutput`, `--noTimeout`",
)  # fmt: skip
def _(bench: Bench, _: str) -> None:
    before = sha256(bench)
    configure(bench, custom="serverlessPluginTypescript: {tsConfigFileLocation: ./tsconfig.json}")
    assert sha256(bench) == before


@ROWS.alike("works with the plugin of slspack",
    "serverless-plugin-typescript: `invoke local -f, --watch, -p, -d`", "serverless-plugin-typescript: order",
)  # fmt: skip
def _(_: Bench, __: str) -> None:
    assert "'before:invoke:local:invoke'" in PLUGIN
    assert "'before:offline:start:init'" in PLUGIN


@ROWS.row(
    "serverless-iam-roles-per-function", "its keys at functions are not looked at; the file is never written back"
)
def _(bench: Bench) -> None:
    before = sha256(bench)
    configure(bench, "  api: {handler: app.handler, iamRoleStatements: [], iamRoleStatementsInherit: true}\n")
    text = (bench.root / "serverless.yml").read_bytes()
    assert sha256(bench) == before
    assert (bench.root / "serverless.yml").read_bytes() == text


@ROWS.row("serverless-domain-manager", "a build that fails ends the deployment before anything happens elsewhere")
def _(bench: Bench) -> None:
    configure(bench, custom="customDomain: {domainName: shop.example, autoDomain: true}")
    assert distributions(bench) == ["core", "web"]
    bench.write({"app.py": "import nowhere\n\ndef handler(e, c): ...\n"})
    assert "error[SLS0401]" in refused(bench)


@ROWS.alike("a plugin with its own block, which is not looked at",
    "serverless-wsgi", "serverless-dynamodb-local", "serverless-middleware", "serverless-step-functions-offline",
    "serverless-analyze-bundle-plugin", "serverless-pseudo-parameters", "serverless-plugin-aws-alerts",
    "webpack-node-externals", "Event Gateway", "Serverless dashboard",
)  # fmt: skip
def _(bench: Bench, name: str) -> None:
    before = sha256(bench)
    key = name.lower().replace(" ", "-")
    configure(bench, custom=f"{key}: {{app: app.app}}", more=f"plugins: [{key}]\norg: x\napp: y\n")
    assert sha256(bench) == before


@ROWS.row(
    "serverless-plugin-warmup",
    "functions are read in the Framework's hook, so those made while packaging are there; what is not Python stays",
)
def _(bench: Bench) -> None:
    assert "constructor" in PLUGIN
    configure(bench, API + "  warmUpPlugin: {handler: .warmup/index.warmUp, runtime: nodejs20.x}\n")
    assert set(bench.build()["functions"]) == {"api"}


@ROWS.row("Google, Azure, Scaleway runtimes", "`python311` is read as `python3.11`")
def _(_: Bench) -> None:
    assert parse_target("python313") == parse_target("python3.13")


@ROWS.alike(
    "nothing of it bears on packaging Python zips",
    "Bref",
    "Chalice, Zappa, Apex",
    "Lambda power tuner, sls-dev-tools, CI services",
)
def _(bench: Bench, _: str) -> None:
    """The command line needs neither a terminal nor a question answered."""
    result = bench.spawn("build --json")
    assert result.status == 0, result.err
    assert set(json.loads(result.out)["functions"]) == {"api"}


@ROWS.row("Lambda@Edge", "the zip's size is in the manifest; its own limit of 1 MB is not checked")
def _(bench: Bench) -> None:
    record = bench.build()["functions"]["api"]
    assert record["bytes"] == bench.artifact("api").stat().st_size


LEFTOVERS = {
    "`.serverless`": ".serverless/shop.zip", "`.serverless-offline/layers`": ".serverless-offline/layers/a.py",
    "`.requirements`": ".requirements/a.py", "`requirements.zip`": "requirements.zip", "`.webpack`": ".webpack/a.py",
    "`.esbuild`": ".esbuild/a.py", "`.build`": ".build/a.py", "`node_modules`": "node_modules/a.py",
    "`.aws-sam`": ".aws-sam/build/a.py", "`venv`": "venv/lib/a.py", "`.env*`": ".env.local",
    "`*.req.vm`, `*.res.vm`": "app.req.vm",
    "tests": "tests/test_app.py", "`.vscode`": ".vscode/settings.json",
}  # fmt: skip


@ROWS.alike("stays out by default, even with `**` ([Excluded by default](excludes.md))", *LEFTOVERS)
def _(bench: Bench, name: str) -> None:
    bench.write({LEFTOVERS[name]: "", "data/a.json": ""})
    configure(bench, package="individually: true, patterns: ['**']")
    bench.build()
    assert "data/a.json" in bench.names_in("api")
    assert LEFTOVERS[name] not in bench.names_in("api")


@ROWS.alike(
    "only what a handler reaches or a pattern names goes in: these do not",
    "`dist`",
    "events and test harness files",
    "`unzip_requirements`",
    "`Dockerfile`",
    "`package.json` and its lock",
)
def _(bench: Bench, _: str) -> None:
    files = {"dist/a.py", "events/a.json", "unzip_requirements.py", "Dockerfile", "package.json", "package-lock.json"}
    bench.write(dict.fromkeys(files, ""))
    bench.build()
    assert files.isdisjoint(bench.names_in("api"))


@pytest.mark.parametrize("name", ROWS.shown)
def test_a_row(name: str, bench: Bench) -> None:
    ROWS.shown[name](bench)
