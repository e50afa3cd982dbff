"""What is asked of AWS: the versions of functions and layers, what points at them, and their deletion."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypedDict, cast

from slspack.codes import Code
from slspack.errors import MachineError, SlspackError
from slspack.plugins.shipped.prune_versions.choosing import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ATTEMPTS = 10
"""Lambda allows 15 calls a second that change something, for all of an account's users together."""


class _Page(TypedDict, total=False):
    """A page of any of the lists."""

    Versions: list[_Version]
    Aliases: list[_Alias]
    LayerVersions: list[_Version]
    StackResourceSummaries: list[_Resource]


class _Version(TypedDict):
    Version: str | int
    CodeSize: int


class _Alias(TypedDict, total=False):
    FunctionVersion: str
    RoutingConfig: Mapping[str, Mapping[str, float]]


class _Resource(TypedDict):
    LogicalResourceId: str
    PhysicalResourceId: str
    ResourceType: str


class _Paginator(Protocol):
    def paginate(self, **arguments: str) -> Iterable[_Page]: ...


class _Client(Protocol):
    """As much of a client of boto3 as is used here."""

    def get_paginator(self, operation: str) -> _Paginator: ...

    def delete_function(self, *, FunctionName: str, Qualifier: str) -> object: ...  # noqa: N803 (AWS names them)

    def delete_layer_version(self, *, LayerName: str, VersionNumber: int) -> object: ...  # noqa: N803


class _Session(Protocol):
    def client(self, service: str, *, config: object) -> _Client: ...


class Cloud:
    """One account and region. Every method raises MachineError (SLS0845) where AWS refuses or cannot be reached."""

    def __init__(self, profile: str | None, region: str | None) -> None:
        """Raises MachineError: SLS0906 where boto3 is not installed, SLS0845 without credentials or a region."""
        try:
            boto3, config = import_module("boto3"), import_module("botocore.config")
        except ModuleNotFoundError as error:
            raise MachineError.of(
                Code.EXTRA_MISSING,
                "the plugin `prune-versions` needs `boto3`, which a plain installation leaves out",
                hint="install what it needs beside slspack: `pip install 'slspack[aws]'`",
            ) from error
        with _reported("open a session"):
            self._session = cast("_Session", boto3.Session(profile_name=profile, region_name=region))
            self._config: object = config.Config(retries={"mode": "standard", "max_attempts": _ATTEMPTS})
            self._lambda = self._session.client("lambda", config=self._config)

    def versions(self, function: str) -> tuple[Version, ...] | None:
        """The published versions of a function, without `$LATEST`; None where it is not deployed."""
        with _reported(f"list the versions of `{function}`") as problem:
            pages = self._lambda.get_paginator("list_versions_by_function").paginate(FunctionName=function)
            found = [one for page in pages for one in page["Versions"]]
        if problem.is_missing or not found:
            return None
        return tuple(Version(int(one["Version"]), one["CodeSize"]) for one in found if one["Version"] != "$LATEST")

    def pointed_at(self, function: str) -> frozenset[int]:
        """The versions that aliases of a function lead to, also those that get but a part of its calls."""
        found: set[str] = set()
        with _reported(f"list the aliases of `{function}`"):
            for page in self._lambda.get_paginator("list_aliases").paginate(FunctionName=function):
                for alias in page["Aliases"]:
                    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
                    found |= {alias["FunctionVersion"], *weights}
        return frozenset(int(version) for version in found if version.isdigit())

    def layer_versions(self, layer: str) -> tuple[Version, ...]:
        """The versions of a layer. AWS does not say in a list how large they are."""
        with _reported(f"list the versions of the layer `{layer}`"):
            pages = self._lambda.get_paginator("list_layer_versions").paginate(LayerName=layer)
            found = [one for page in pages for one in page["LayerVersions"]]
        return tuple(Version(int(one["Version"])) for one in found)

    def delete_version(self, function: str, version: Version) -> bool:
        """Whether it is gone. Lambda@Edge lets go of a version hours after it was last used: until then it stays."""
        with _reported(f"delete version {version.number} of `{function}`") as problem:
            self._lambda.delete_function(FunctionName=function, Qualifier=str(version.number))
        return not problem.is_replicated

    def delete_layer_version(self, layer: str, version: Version) -> None:
        """Delete a version of a layer; functions that have it keep it."""
        with _reported(f"delete version {version.number} of the layer `{layer}`"):
            self._lambda.delete_layer_version(LayerName=layer, VersionNumber=version.number)

    def stack(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """The functions and the layers of a CloudFormation stack: their names by their logical ones."""
        functions: dict[str, str] = {}
        layers: dict[str, str] = {}
        with _reported(f"list the resources of the stack `{name}`"):
            client = self._session.client("cloudformation", config=self._config)
            for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
                for one in page["StackResourceSummaries"]:
                    if one["ResourceType"] == "AWS::Lambda::Function":
                        functions[one["LogicalResourceId"]] = one["PhysicalResourceId"]
                    elif one["ResourceType"] == "AWS::Lambda::LayerVersion":
                        layers[one["LogicalResourceId"]] = one["PhysicalResourceId"].split(":")[-2]
        return functions, layers


class _Problem:
    """What AWS said, of what is no error."""

    is_missing = False
    is_replicated = False


@contextmanager
def _reported(attempt: str) -> Iterator[_Problem]:
    """Turn what boto3 raises into errors of slspack's."""
    exceptions = import_module("botocore.exceptions")
    problem = _Problem()
    try:
        yield problem
    except exceptions.ClientError as error:
        told = error.response["Error"]
        problem.is_missing = told["Code"] == "ResourceNotFoundException"
        problem.is_replicated = "replicated function" in told["Message"]
        if not (problem.is_missing or problem.is_replicated):
            raise _refused(attempt, f"{told['Code']}: {told['Message']}") from error
    except exceptions.BotoCoreError as error:
        raise _refused(attempt, str(error)) from error


def _refused(attempt: str, words: str) -> SlspackError:
    return MachineError.of(
        Code.AWS_REFUSES,
        f"cannot {attempt}: {words.rstrip('.')}",
        hint="check the credentials, the region (`--region`) and the profile (`--profile`), and what they may do",
    )
