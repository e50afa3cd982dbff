"""Reads a project that another tool has bundled so far, and says what is to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.documents import DocumentError
from slspack.config.documents.yaml_text import read_yaml
from slspack.config.inherited import FUNCTION_OPTIONS, Fate, Option, option_named, unknown_option_hint
from slspack.config.load import TEMPLATES
from slspack.config.nodes import Items, Leaf, Node, Table
from slspack.errors import ConfigError
from slspack.migrating.leftovers import around_constructs, constructs, serverless_leftovers
from slspack.migrating.remarks import Migration, Remark
from slspack.migrating.sam import sam_edited, sam_remarks
from slspack.migrating.serverless_edit import FORMER, PLUGIN, edited
from slspack.model import Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIGURATIONS = ("serverless.yml", "serverless.yaml", "serverless.json")
_BYTE_ORDER_MARK = "\ufeff"


def migration_of(folder: Path) -> Migration:
    """What is to be changed of the project in `folder`. Raises ConfigError if it is none that is known."""
    for name in _CONFIGURATIONS:
        if (folder / name).is_file():
            return _of_serverless(folder, name)
    for name in TEMPLATES:
        if (folder / name).is_file():
            return _of_sam(folder, name)
    if (folder / "cdk.json").is_file():
        return Migration("cdk.json", tuple(_cdk(folder)))
    names = ", ".join(f"`{name}`" for name in (_CONFIGURATIONS[0], TEMPLATES[0]))
    message = f"nothing to migrate in `{folder.name}`: looked for {names} and `cdk.json`"
    raise ConfigError.of(Code.CONFIG_NOT_FOUND, message, hint="name the project's folder with `-C`")


def write(folder: Path, migration: Migration) -> None:
    """Put the edited file in the place of what is there, at once and with its permissions. Raises ConfigError."""
    path = (folder / migration.name).resolve()
    if _text(path, migration.name) != migration.before:
        message = f"`{migration.name}` has changed meanwhile"
        raise ConfigError.of(
            Code.NOT_MIGRATED, message, at=Location(migration.name), hint="run `slspack migrate` again"
        )
    temporary = path.with_name(f".{path.name}.writing")
    try:
        temporary.write_bytes(migration.after.encode())
        temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _of_serverless(folder: Path, name: str) -> Migration:
    before = _text(folder / name, name)
    mark = _BYTE_ORDER_MARK if before.startswith(_BYTE_ORDER_MARK) else ""
    text = before.removeprefix(mark)
    try:
        document = read_yaml(text, name)
    except DocumentError as error:
        raise ConfigError.of(Code.CONFIG_SYNTAX, error.message, at=error.at) from None
    options = _below(document, "custom", "pythonRequirements")
    dropped = (
        {key for key in options.keys if _is_dropped(option_named(key), options.entries[key])} if options else set()
    )
    remarks = (*_plugin(document), *_options(options, dropped, document), *_at_functions(document))
    zips = options.entries.get("zip") if options else None
    leftovers = serverless_leftovers(folder, zips=isinstance(zips, Leaf) and zips.value is True)
    return Migration(name, (*remarks, *leftovers), before, mark + edited(text, name, dropped))


def _of_sam(folder: Path, name: str) -> Migration:
    text = _text(folder / name, name)
    try:
        document = read_yaml(text, name)
    except DocumentError as error:
        raise ConfigError.of(Code.CONFIG_SYNTAX, error.message, at=error.at) from None
    remarks = tuple(sam_remarks(folder, name, document))
    return Migration(name, remarks, text, text if name.endswith(".json") else sam_edited(folder, text, document))


def _text(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise ConfigError.of(Code.CONFIG_SYNTAX, "the file is not UTF-8", at=Location(name)) from None


def _below(node: Node | None, *path: str) -> Table | None:
    for key in path:
        node = node.entries.get(key) if isinstance(node, Table) else None
    return node if isinstance(node, Table) else None


def _plugin(document: Node) -> Iterator[Remark]:
    plugins = document.entries.get("plugins") if isinstance(document, Table) else None
    listed = plugins.entries.get("modules") if isinstance(plugins, Table) else plugins
    items = listed.items if isinstance(listed, Items) else ()
    names = {item.value: item.at for item in items if isinstance(item, Leaf)}
    if FORMER in names:
        outcome = "is taken out" if PLUGIN in names else f"becomes `{PLUGIN}`"
        yield Remark(FORMER, outcome, names[FORMER])
    elif PLUGIN not in names:
        at = listed.at if listed else document.at
        yield Remark("plugins", f"do not name {FORMER} here: list `{PLUGIN}` to deploy with it", at)


def _options(options: Table | None, dropped: set[str], document: Node) -> Iterator[Remark]:
    custom = document.entries.get("custom") if isinstance(document, Table) else None
    written = custom.entries.get("pythonRequirements") if isinstance(custom, Table) else custom
    if options is None and isinstance(written, Leaf) and written.value is not None:
        yield Remark("pythonRequirements", f"is not looked at: it comes from `{written.value}`", written.at)
    for key, at in options.keys.items() if options else ():
        yield Remark(key, _outcome(key, option_named(key), is_dropped=key in dropped), at)


def _outcome(key: str, option: Option | None, *, is_dropped: bool) -> str:
    if option is None:
        hint = unknown_option_hint(key)
        return f"is no option of {FORMER}, and stays without effect" + (f": {hint}" if hint else "")
    if is_dropped:
        return "is taken out: " + (option.meaning if option.fate is Fate.IDLE else "it asks for nothing")
    return f"{'stays' if option.fate is Fate.WORKS else 'cannot stay'}: {option.meaning}"


def _is_dropped(option: Option | None, value: Node) -> bool:
    if option is None or option.fate is Fate.WORKS:
        return False
    return option.fate is Fate.IDLE or (isinstance(value, Leaf) and value.value is option.harmless)


def _at_functions(document: Node) -> Iterator[Remark]:
    functions = _below(document, "functions")
    for name in functions.entries if functions else ():
        function = _below(functions, name)
        for option in FUNCTION_OPTIONS:
            if function and option.name in function.keys:
                at = function.keys[option.name]
                yield Remark(f"functions.{name}.{option.name}", f"stays: {option.meaning}", at)


_PROPERTIES = {
    "bundling": "goes: `settings` of `SlspackFunction` says what is packaged, `patterns` which files besides",
    "PythonLayerVersion": "is not taken over: functions carry what they import, or have `layers` of a `slspack.yml`",
    "aws-lambda-python-alpha": "is not needed any more",
    "aws_lambda_python_alpha": "is not needed any more: import `SlspackFunction` of `slspack.cdk`",
}


def _cdk(folder: Path) -> Iterator[Remark]:
    yield Remark("requirements", "add `slspack[cdk]` to those of the app")
    for at in constructs(folder):
        outcome = (
            "becomes `SlspackFunction` of `slspack.cdk`, which takes `entry`, `index`, `handler` and `runtime`, too"
        )
        if at.path.endswith(".ts"):
            outcome = "becomes `lambda.Function` with `Code.fromCustomCommand`, which runs `slspack build`"
        yield Remark("PythonFunction", outcome, at)
    for subject, at in around_constructs(folder, _PROPERTIES):
        yield Remark(subject, _PROPERTIES[subject], at)
