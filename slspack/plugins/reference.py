"""The page `docs/reference/plugins.md`, made from the specifications of the hooks.

python -m slspack.plugins.reference > docs/reference/plugins.md
"""

from __future__ import annotations

import inspect
import sys

from slspack.plugins import INTERFACE
from slspack.plugins.builtin import builtins_of
from slspack.plugins.hookspecs import HOOKS, HookSpecs

_HEAD = f"""\
# Hooks

<!-- Written by `python -m slspack.plugins.reference`; edit `slspack/plugins/hookspecs.py`. -->

What a [plugin](../guides/plugins.md) may implement: version {INTERFACE} of the interface, which a plugin states as
`slspack_interface = {INTERFACE}`. The version changes when a plugin that is written for it would have to change.

"""
_IMPORTS = """\
## Where the types are

| from | types |
| --- | --- |
| `slspack.model` | `Artifact`, `ArtifactDraft`, `Closure`, `Entry`, `ExternalImport`, `FileSource`, `Finding`, \
`Function`, `GeneratedSource`, `HandlerWrapper`, `Lock`, `LockedDistribution`, `ModuleGraph`, `Plan`, `Provided`, \
`RequirementSet`, `Service`, `Target` and all other nouns |
| `slspack.plugins` | `hookimpl`, `INTERFACE`, `CommandOption`, `OwnFiles`, `PluginFiles`, `with_requirement` |
| `slspack.builds` | `Builder`, `BuildPlace`, `BuildTask`, `BuiltWheel`, `OfferedBuilder` |
| `slspack.bundle`, `slspack.check` | `SegmentFile`, `WheelTransform`; `NativeArtifact` |
| `slspack.config` | `ServiceReader` |
| `slspack.resolve` | `Candidate`, `LockFileUse`, `Problem`, `RequirementsRead`, `ServiceFiles` |
| `slspack.trace` | `ImportFact`, `SourceFacts` |
| `slspack.request`, `slspack.watching.events` | `BuildResult`; `Started`, `Built`, `Failed` |
| `slspack.errors`, `slspack.codes` | `SlspackError`, `Code` |

Every one of them is frozen: what a hook wants otherwise, it gives back (`dataclasses.replace`).

"""


def plugins_page() -> str:
    """The whole page, in Markdown."""
    opening = inspect.getdoc(sys.modules[HookSpecs.__module__]) or ""
    rules = opening.partition("\n\n")[2]
    contents = [f"- [`{hook}`](#{hook}): {_sentence(hook)}" for hook in HOOKS]
    return "".join((_HEAD, rules, "\n\n", "\n".join(contents), "\n\n", _IMPORTS, "\n".join(map(_section, HOOKS))))


def _section(hook: str) -> str:
    calling, _, text = _document(hook).partition(". ")
    own = [f"`{one.name}`" for one in builtins_of(hook)]
    lines = [f"## `{hook}`", "", "```text", _signature(hook), "```", "", text.rstrip(), ""]
    asked = {
        "All": "All implementations are asked.",
        "First": "The first answer counts.",
        "In turn": "Each is given what the one before gave.",
    }
    lines.insert(6, asked.get(calling, "All are asked, and what they give is applied one after the other."))
    lines.insert(7, "")
    if own:
        lines += [f"slspack's own: {', '.join(own)}.", ""]
    return "\n".join(lines)


def _document(hook: str) -> str:
    return inspect.getdoc(getattr(HookSpecs, hook)) or ""


def _sentence(hook: str) -> str:
    text = _document(hook).partition(". ")[2].partition("\n\n")[0]
    first = " ".join(text.split()).partition(". ")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _signature(hook: str) -> str:
    signature = inspect.signature(getattr(HookSpecs, hook))
    taken = [f"{name}: {one.annotation}" for name, one in signature.parameters.items() if name != "self"]
    line = f"{hook}({', '.join(taken)}) -> {signature.return_annotation}"
    if len(line) <= 100:
        return line
    arguments = "".join(f"    {one},\n" for one in taken)
    return f"{hook}(\n{arguments}) -> {signature.return_annotation}"


if __name__ == "__main__":
    sys.stdout.write(plugins_page())
