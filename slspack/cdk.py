"""Functions for stacks of the AWS CDK, bundled by slspack when the app is synthesised. Needs the extra `cdk`.

Every asset's hash is its artifact's, so that a function whose artifact has not changed is not deployed again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.frozen import dataclass

try:
    import jsii
    from aws_cdk import ILocalBundling, aws_lambda
except ImportError as error:  # pragma: no cover - the tests have it
    raise MachineError.of(
        Code.EXTRA_MISSING,
        "`slspack.cdk` needs `aws-cdk-lib`, which a plain installation leaves out",
        hint="install what it needs beside slspack: `pip install 'slspack[cdk]'`",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from slspack.report.records import FunctionRecord

__all__ = ["SlspackBundling", "SlspackCode", "SlspackFunction"]


class SlspackCode:
    """Code for `aws_lambda.Function(code=…)`."""

    @staticmethod
    def function(
        name: str, folder: str = ".", *, config: str | None = None, stage: str | None = None
    ) -> aws_lambda.Code:
        """The artifact of a function that the service in `folder` declares.

        `config` names another configuration file than the known ones, relative to `folder`. What is wrong is printed as
        `slspack build` does, and ends the process with its exit status.
        """
        return _built_or_exit(_Wanted(name, Path(folder), config, stage)).code()


class SlspackFunction(aws_lambda.Function):
    """A function that slspack bundles. Its properties are those of `PythonFunction`, and of `aws_lambda.Function`."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 (as every construct calls it)
        *,
        entry: str,
        function: str | None = None,
        runtime: aws_lambda.Runtime | None = None,
        index: str = "index.py",
        handler: str = "handler",
        architecture: aws_lambda.Architecture | None = None,
        settings: Mapping[str, object] | None = None,
        **properties: Any,  # noqa: ANN401 (whatever `aws_lambda.Function` takes, which gives them no common type)
    ) -> None:
        """Bundle the function whose code is in the folder `entry`.

        With `function`, the service in `entry` declares it under that name, with its handler, runtime and architecture.
        Without, it is declared here: `handler` of the module `index`, for `runtime`; `settings` are those that a
        function may have in a `slspack.yml`. What is wrong is printed, and ends the process.
        """
        if function is not None:
            wanted = _Wanted(function, Path(entry))
        else:
            if runtime is None:
                raise TypeError("SlspackFunction needs `runtime`, or the name of a declared `function`")
            declared = {
                "handler": f"{index.removesuffix('.py')}.{handler}",
                "runtime": runtime.name,
                "architecture": "arm64" if architecture and architecture.name == "arm64" else "x86_64",
                **(settings or {}),
            }
            wanted = _declared(scope.node.path, id, Path(entry), declared)
        built = _built_or_exit(wanted)
        super().__init__(
            scope,
            id,
            code=built.code(),
            handler=built.record["handler"],
            runtime=aws_lambda.Runtime(built.record["runtime"], aws_lambda.RuntimeFamily.PYTHON),
            architecture=_ARCHITECTURES[built.record["architecture"]],
            **properties,
        )


@jsii.implements(ILocalBundling)
class SlspackBundling:
    """What bundles without Docker: `Code.from_asset(folder, bundling=BundlingOptions(local=SlspackBundling(…), …))`."""

    def __init__(self, name: str, folder: str = ".") -> None:
        """`name` is that of a function which the service in `folder` declares."""
        self._wanted = _Wanted(name, Path(folder))

    def try_bundle(self, output_dir: str, *_options: object, **_properties: object) -> bool:
        """Put the function's files into the folder. Raises SlspackError, which the CDK reports."""
        from slspack.deploy.unpacking import unpack

        unpack(_built(self._wanted).artifact, Path(output_dir))
        return True


_ARCHITECTURES = {"x86_64": aws_lambda.Architecture.X86_64, "arm64": aws_lambda.Architecture.ARM_64}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A function of a service."""

    name: str
    folder: Path
    config: str | None = None
    stage: str | None = None
    out: str | None = None


@dataclass(frozen=True, slots=True)
class _Built:
    """A function's artifact, and what the manifest says of it."""

    artifact: Path
    record: FunctionRecord

    def code(self) -> aws_lambda.Code:
        """The artifact as an asset that has its hash."""
        return aws_lambda.Code.from_asset(str(self.artifact), asset_hash=self.record["sha256"])


def _declared(scope: str, name: str, entry: Path, function: Mapping[str, object]) -> _Wanted:
    """A function that only the app declares: its configuration is kept with slspack's own files."""
    unique = "-".join(part for part in (*scope.split("/"), name) if part)
    config = Path(".slspack") / f"cdk-{unique}.json"
    text = json.dumps({"functions": {name: function}}, indent=2)
    path = entry / config
    if not path.is_file() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return _Wanted(name, entry, str(config), out=str(entry / ".slspack" / f"cdk-{unique}"))


def _built(wanted: _Wanted) -> _Built:
    from slspack.api import Options, build

    options: Options = {"whole": True}
    if wanted.config is not None:
        options["config"] = wanted.config
    if wanted.stage is not None:
        options["stage"] = wanted.stage
    if wanted.out is not None:
        options["out"] = wanted.out
    # All functions, so that the next one of the same service has nothing left to do.
    functions = build(wanted.folder, **options).record["functions"]
    if wanted.name not in functions:
        options["functions"] = [wanted.name]
        functions = build(wanted.folder, **options).record["functions"]
    record = functions[wanted.name]
    return _Built(wanted.folder.absolute() / record["artifact"], record)


def _built_or_exit(wanted: _Wanted) -> _Built:
    """As the command line does: an app's user wants to read what is wrong, not where in slspack it was found."""
    try:
        return _built(wanted)
    except SlspackError as error:
        from slspack.report import print_findings

        print_findings(error.findings, sys.stderr)
        raise SystemExit(int(error.exit_status)) from error
