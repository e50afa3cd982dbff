"""`slspack prune-versions`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slspack.codes import Code
from slspack.errors import ConfigError
from slspack.frozen import dataclass
from slspack.plugins.shipped.prune_versions.choosing import choose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from slspack.plugins.shipped.prune_versions import Options
    from slspack.plugins.shipped.prune_versions.choosing import Choice
    from slspack.plugins.shipped.prune_versions.cloud import Cloud

_MEGABYTE = 1_000_000
_HINT = "name the stack with `--stack`, or give the names in the plugin's option `names`"
_NO_NUMBER = "how many versions to keep is said neither by `-n` nor by `number` of the plugin or of `custom.prune`"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says, where it says something, else the plugin's options."""

    folder: Path
    config: Path | None
    stage: str | None
    params: Mapping[str, str]
    number: int | None
    functions: tuple[str, ...]
    layers: bool | None
    dry_run: bool
    stack: str | None
    region: str | None
    profile: str | None
    names: Mapping[str, str]


def prune_command(options: Options) -> click.Command:
    """The command, with a service's options of the plugin as its defaults."""

    @click.command("prune-versions")
    @click.option("-C", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path())
    @click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The configuration file.")
    @click.option("-s", "--stage", help="The stage, as it was deployed.")
    @click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="For `${param:…}`, and for templates.")
    @click.option(
        "-n",
        "--number",
        type=click.IntRange(0),
        default=options.number,
        help="How many versions to keep of each, besides those that aliases lead to.",
    )
    @click.option(
        "-f",
        "--function",
        "--functions",
        "functions",
        multiple=True,
        metavar="NAME",
        help="Only these functions, and no layers.",
    )
    @click.option("--layers/--no-layers", default=options.include_layers, help="Whether layers are pruned, too.")
    @click.option("--dry-run", is_flag=True, help="Say what would be deleted, and delete nothing.")
    @click.option("--stack", default=options.stack, help="The CloudFormation stack to take the names from.")
    @click.option("--region", default=options.region, help="The region.")
    @click.option("--profile", default=options.profile, help="The profile of AWS's configuration.")
    def command(params: tuple[str, ...], **values: object) -> None:
        """Delete old published versions of the service's functions.

        `$LATEST` stays, and so do versions that an alias leads to, and the newest N of the others.
        """
        pairs = dict(text.partition("=")[::2] for text in params)
        prune(Asked(params=pairs, names=options.names, **values))  # type: ignore[arg-type]

    return command


def prune(asked: Asked) -> None:
    """Delete, and say what. Raises ConfigError, MachineError where AWS refuses, UsageError without a number."""
    from slspack.config.deployed import read_deployed
    from slspack.options import LoadOptions
    from slspack.plugins.shipped.prune_versions.cloud import Cloud

    load = LoadOptions(asked.config, asked.stage, params=asked.params, environment=dict(os.environ))
    deployed = read_deployed(asked.folder, load)
    keep = deployed.pruning.number if asked.number is None else asked.number
    if keep is None:
        raise click.UsageError(_NO_NUMBER)
    cloud = Cloud(asked.profile, asked.region or deployed.region)
    functions, layers = deployed.functions, deployed.layers
    if asked.stack:
        of_stack, layers_of_stack = cloud.stack(asked.stack)
        functions = {**{name: told for name, told in functions.items() if told is not None}, **of_stack}
        layers = layers_of_stack
    chosen = _named({**functions, **asked.names}, asked.functions)
    done = list(_prune_functions(chosen, keep, asked, cloud))
    with_layers = deployed.pruning.include_layers if asked.layers is None else asked.layers
    if with_layers and not asked.functions:
        done += _prune_layers(_named(layers, ()), keep, asked, cloud)
    _sum_up(done, asked)


def _named(known: Mapping[str, str | None], wanted: Iterable[str]) -> tuple[str, ...]:
    """Deployed names of what is wanted, or of everything. Raises ConfigError: SLS0108, SLS0846."""
    wanted = tuple(wanted) or tuple(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        hint = f"there are: {', '.join(known)}"
        raise ConfigError.of(Code.NO_SUCH_FUNCTION, f"no function `{unknown[0]}` in the service", hint=hint)
    nameless = [name for name in wanted if known[name] is None]
    if nameless:
        names = ", ".join(f"`{name}`" for name in nameless)
        raise ConfigError.of(
            Code.DEPLOYED_NAME_UNKNOWN, f"the configuration does not tell as what {names} is deployed", hint=_HINT
        )
    return tuple(dict.fromkeys(name for one in wanted if (name := known[one]) is not None))


def _prune_functions(names: Iterable[str], keep: int, asked: Asked, cloud: Cloud) -> Iterator[Choice]:
    for name in names:
        versions = cloud.versions(name)
        if versions is None:
            click.echo(f"{name}: not deployed")
            continue
        choice = choose(name, versions, keep, cloud.pointed_at(name))
        _say(choice, asked)
        for version in () if asked.dry_run else choice.deleted:
            if not cloud.delete_version(name, version):
                click.echo(f"{name}: version {version.number} is still replicated by Lambda@Edge, and stays")
        yield choice


def _prune_layers(names: Iterable[str], keep: int, asked: Asked, cloud: Cloud) -> Iterator[Choice]:
    for name in names:
        choice = choose(name, cloud.layer_versions(name), keep)
        _say(choice, asked)
        for version in () if asked.dry_run else choice.deleted:
            cloud.delete_layer_version(name, version)
        yield choice


def _say(choice: Choice, asked: Asked) -> None:
    numbers = ", ".join(str(version.number) for version in choice.deleted)
    word = "would delete" if asked.dry_run else "deleting"
    size = f" ({choice.bytes / _MEGABYTE:.1f} MB)" if choice.bytes else ""
    aliases = f", {', '.join(map(str, choice.pointed_at))} by aliases" if choice.pointed_at else ""
    click.echo(
        f"{choice.name}: {f'{word} {numbers}{size}' if numbers else 'nothing to delete'}; kept {choice.kept}{aliases}"
    )


def _sum_up(done: Iterable[Choice], asked: Asked) -> None:
    done = list(done)
    count, size = sum(len(choice.deleted) for choice in done), sum(choice.bytes for choice in done)
    versions = "1 version" if count == 1 else f"{count} versions"
    click.echo(f"{versions}{' would be' if asked.dry_run else ''} deleted, {size / _MEGABYTE:.1f} MB")
