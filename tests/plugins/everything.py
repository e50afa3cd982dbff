"""A plugin that changes each step once: the source of a third party's package, and of a service's own file."""

SOURCE = '''\
"""Changes each step once."""

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import click

from slspack.builds import BuiltWheel, OfferedBuilder
from slspack.bundle import SegmentFile
from slspack.codes import Code
from slspack.config import ServiceReader
from slspack.config.own import read_slspack
from slspack.keys import key_of
from slspack.model import (
    ArchivePath, Entry, Finding, GeneratedSource, HandlerWrapper, ModuleName, Provided, Severity, dist_name,
)
from slspack.plugins import CommandOption, hookimpl, with_requirement
from slspack.resolve import Candidate, RequirementsRead
from slspack.trace import ImportFact

slspack_interface = 1


@dataclass(frozen=True)
class Options:
    stamp: str = "built"
    wheels: str = ""


@dataclass(frozen=True)
class Shout:
    """Upper-cases text files of wheels, and gives each a copy."""

    key: str = "1"

    def names(self, name):
        return (name, ArchivePath(f"{name}.loud")) if name.endswith(".txt") else None

    def files(self, files):
        for file in files:
            yield file
            yield SegmentFile(ArchivePath(f"{file.name}.loud"), file.content.upper())


class Craft:
    """Builds one wheel of whatever it is given."""

    name = "craft"

    def identity(self, target):
        return key_of("craft", 1)

    def build(self, task, into):
        info = f"{task.name}-{task.version}.dist-info"
        path = into / f"{task.name}-{task.version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"{task.name}.py", f"BY = {self.name!r}")
            said = f"Metadata-Version: 2.1\\nName: {task.name}\\nVersion: {task.version}\\n"
            wheel.writestr(f"{info}/METADATA", said)
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            wheel.writestr(f"{info}/RECORD", "")
        return BuiltWheel(path)


class Everything:
    def __init__(self, options):
        self.options = options

    @hookimpl
    def slspack_service_readers(self):
        return [ServiceReader(("lambdas.json",), ("functions",), read_slspack)]

    @hookimpl
    def slspack_amend_service(self, service):
        names = [function.name for function in service.functions if function.name != "plain"]
        return with_requirement(replace(service, name=f"{service.name}-amended"), names, "brought")

    @hookimpl
    def slspack_read_requirements(self, requirements, files):
        content = files.read("deps.txt")
        return None if content is None else RequirementsRead.of_lines(content.decode().splitlines(), "deps.txt")

    @hookimpl(wrapper=True)
    def slspack_resolve(self, problem, resolver):
        found = yield
        return tuple(replace(one, version="1.0", files=None) if one.name == "held" else one for one in found)

    @hookimpl
    def slspack_scan_source(self, path, content, facts):
        if b"# uses: " in content:
            line = content.split(b"# uses: ")[1].splitlines()[0].decode()
            fact = ImportFact(line, 0, (), False, False, 1, 1)
            return replace(facts, imports=(*facts.imports, fact))

    @hookimpl
    def slspack_missing_import(self, module):
        if module == "nowhere":
            return Provided("the plugin knows", dist_name("somewhere"))
        if module == "layered":
            return Provided("a layer has it")

    @hookimpl
    def slspack_amend_closure(self, closure):
        return replace(closure, members=tuple(m for m in closure.members if m.distribution.name != "unwanted"))

    @hookimpl
    def slspack_provide_wheel(self, name, version):
        return next(Path(self.options.wheels).glob(f"{name}-{version}-*.whl"), None) if self.options.wheels else None

    @hookimpl
    def slspack_builders(self, name):
        return [OfferedBuilder("craft", lambda place: Craft())] if name == "crafted" else []

    @hookimpl
    def slspack_collect_entries(self, draft):
        return [Entry(ArchivePath("stamp.txt"), False, GeneratedSource(self.options.stamp.encode()), "the stamp")]

    @hookimpl
    def slspack_amend_entries(self, entries, files):
        if not files.is_file("words.txt"):
            return None
        words = GeneratedSource(files.read("words.txt").upper())
        kept = [entry for entry in entries if not entry.name.endswith(".secret")]
        return (*kept, Entry(ArchivePath("loud-words.txt"), False, words, "louder"))

    @hookimpl
    def slspack_prune_wheel(self, names):
        return [name for name in names if "/spare/" in name]

    @hookimpl
    def slspack_transform_wheel(self):
        return Shout()

    @hookimpl
    def slspack_wrap_handler(self, function):
        if function.name != "plain":
            return HandlerWrapper(
                "def wrap(handler):\\n    return lambda event, context: ['wrapped', handler(event, context)]\\n"
            )

    @hookimpl
    def slspack_finish_artifact(self, artifact):
        Path(f"{artifact.path}.signature").write_text(str(artifact.sha256))

    @hookimpl
    def slspack_check_plan(self, plan):
        yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, f"`{plan.name}` was looked at")

    @hookimpl
    def slspack_check_native(self, artifacts):
        names = ", ".join(name for artifact in artifacts for name in artifact.functions)
        yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, f"native code of {names}")

    @hookimpl
    def slspack_check_artifact(self, artifact):
        yield Finding(Code.PLUGIN_FINDING, Severity.WARNING, f"`{artifact.plan.name}` has {artifact.bytes > 0} bytes")

    @hookimpl
    def slspack_report(self, result, output):
        with (output / "report.txt").open("a") as stream:
            stream.write(f"{result.manifest.record['service']}\\n")

    @hookimpl
    def slspack_local_variables(self, variables):
        return {**variables, "STAMP": self.options.stamp}

    @hookimpl
    def slspack_watch_event(self, event):
        with Path("events.txt").open("a") as stream:
            stream.write(f"{type(event).__name__} {event.number}\\n")

    @hookimpl
    def slspack_commands(self):
        return [click.Command("greet", callback=lambda: click.echo("hello"))]

    @hookimpl
    def slspack_command_options(self, command):
        if command == "build":
            yield CommandOption(("--stamp",), "stamp", "What the stamp says.")


plugin = Everything
'''
