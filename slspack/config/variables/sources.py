"""The sources of variables: what `self`, `opt`, `env`, `param`, `sls`, `aws`, `file` and `strToBool` answer."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.documents import DocumentError
from slspack.config.nodes import Leaf, Unresolved
from slspack.config.variables.resolver import Answer, Missing, Question, Resolve, Resolver, descend, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.config.documents import Files
    from slspack.config.nodes import Node
    from slspack.config.variables.resolver import Source
    from slspack.options import LoadOptions

INSTANCE_ID = "slspack"
"""What `${sls:instanceId}` is: the same in every build, so that no artifact can differ by it."""

_CLOUD = frozenset({"ssm", "cf", "s3", "aws"})
_JAVASCRIPT = (".js", ".cjs", ".mjs", ".ts")
_READABLE = "give it a value that slspack can read: a literal, `${opt:…}`, `${env:…}`, `${param:…}` or `${file(…)}`"
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class FrameworkSources:
    """The sources for one main document. `resolver` asks them; nothing is read before it is asked for.

    `dotenv` stands for what `.env` files add; None looks for it.
    """

    def __init__(self, main: Node, files: Files, options: LoadOptions, dotenv: Mapping[str, str] | None = None) -> None:
        self._given = options
        self._main = main
        self._files = files
        self._options = options.all_options
        self._params = options.params
        self._process = options.environment
        self._dotenv = dotenv
        table: dict[str, Source] = {
            "self": self._self,
            "opt": self._opt,
            "env": self._env,
            "param": self._param,
            "sls": self._sls,
            "aws": self._aws,
            "file": self._file,
            "strToBool": self._str_to_bool,
        }
        self.resolver = Resolver(table, self._elsewhere)

    def stage(self, resolve: Resolve) -> Node:
        """The command line's stage, then `provider.stage`, then `dev`."""
        stage = self._options.get("stage")
        if stage:
            return Leaf(stage, self._main.at)
        node = descend(self._main, "provider.stage", resolve)
        if node is None or (isinstance(node, Leaf) and not node.value):
            return Leaf("dev", self._main.at)
        return node

    def _self(self, question: Question, resolve: Resolve) -> Answer:
        if not question.address:
            return self._main
        node = descend(self._main, question.address, resolve)
        return node if node is not None else Missing(f"but `{question.address}` is not there")

    def _opt(self, question: Question, resolve: Resolve) -> Answer:
        value = self._options.get(question.address or "")
        if value is None:
            return Missing(f"but the option `--{question.address or ''}` is not given")
        return Leaf(value, question.at)

    def _env(self, question: Question, resolve: Resolve) -> Answer:
        name = question.address or ""
        value = self._process.get(name)
        if value is None:
            try:
                value = self._from_dotenv().get(name)
            except DocumentError as error:
                return _broken(question, error)
        if value is None:
            hint = f"set it, or give a fallback: `${{env:{name}, 'value'}}`"
            return Missing(f"but the environment variable `{name}` is not set", hint=hint)
        return Leaf(value, question.at)

    def _from_dotenv(self) -> Mapping[str, str]:
        """What `.env` files add where `useDotenv` is set: `.env.STAGE` if there is one, else `.env`.

        Whether and for which stage is asked of sources that see only the process's environment: the stage itself may
        depend on the environment.
        """
        if self._dotenv is None:
            self._dotenv = {}
            before = FrameworkSources(self._main, self._files, self._given, dotenv={})
            use = descend(self._main, "useDotenv", before.resolver.resolve)
            stage = before.stage(before.resolver.resolve)
            if isinstance(use, Leaf) and use.value and isinstance(stage, Leaf):
                from slspack.config.variables.dotenv import parse_dotenv

                text = self._files.text(f".env.{text_of(stage.value)}")
                text = self._files.text(".env") if text is None else text
                self._dotenv = parse_dotenv(text or "", self._process)
        return self._dotenv

    def _param(self, question: Question, resolve: Resolve) -> Answer:
        """`--param`, then the stage's own, then the default: `params` as in v3, `stages` as in v4."""
        name = question.address or ""
        if name in self._params:
            return Leaf(self._params[name], question.at)
        stage = self.stage(resolve)
        if isinstance(stage, Unresolved):
            return stage
        own = text_of(stage.value) if isinstance(stage, Leaf) else ""
        for level in (own, "default"):
            for address in (f"stages.{level}.params.{name}", f"params.{level}.{name}"):
                node = descend(self._main, address, resolve)
                if node is not None:
                    return node
        hint = f"give it with `--param {name}=…`, or give a default under `params`"
        return Missing(f"but the parameter `{name}` has no value", hint=hint)

    def _sls(self, question: Question, resolve: Resolve) -> Answer:
        match question.address:
            case "stage":
                return self.stage(resolve)
            case "instanceId":
                return Leaf(INSTANCE_ID, question.at)
        return Unresolved(question.text, "but `sls` has only `stage` and `instanceId`", Code.BAD_VALUE, question.at)

    def _aws(self, question: Question, resolve: Resolve) -> Answer:
        """The region is what the Framework would take: the option, `provider.region`, `us-east-1`."""
        if question.address != "region":
            return self._elsewhere(question, resolve)
        region = self._options.get("region")
        if region:
            return Leaf(region, question.at)
        node = descend(self._main, "provider.region", resolve)
        return node if node is not None else Leaf("us-east-1", question.at)

    def _file(self, question: Question, resolve: Resolve) -> Answer:
        name = text_of(question.params[0]) if question.params else ""
        if not name:
            return Unresolved(question.text, "which names no file", Code.VARIABLE_SYNTAX, question.at)
        name = posixpath.normpath(name.replace("\\", "/"))
        if name.endswith(_JAVASCRIPT):
            why = "and slspack runs no JavaScript"
            return Unresolved(question.text, why, Code.VARIABLE_UNRESOLVED, question.at, _READABLE)
        try:
            document = self._files.document(name)
        except DocumentError as error:
            return _broken(question, error)
        if document is None:
            return Missing(f"but there is no file `{name}`", Code.INCLUDE_NOT_FOUND)
        if not question.address:
            return document
        node = descend(document, question.address, resolve)
        return node if node is not None else Missing(f"but `{question.address}` is not in `{name}`")

    def _str_to_bool(self, question: Question, resolve: Resolve) -> Answer:
        text = text_of(question.params[0]) if question.params else ""
        value = _TRUTHS.get(text.strip().lower())
        if value is None:
            why = f"but `{text}` is not `true`, `false`, `1` or `0`"
            return Unresolved(question.text, why, Code.BAD_VALUE, question.at)
        return Leaf(value, question.at)

    def _elsewhere(self, question: Question, resolve: Resolve) -> Answer:
        """A type that only the cloud or another plugin answers: whether its fallback counts is not ours to say."""
        who = "only the cloud can answer" if question.type in _CLOUD else "slspack does not know the type"
        why = f"and {who} `{question.type}`"
        return Unresolved(question.text, why, Code.VARIABLE_UNRESOLVED, question.at, _READABLE)


def _broken(question: Question, error: DocumentError) -> Unresolved:
    return Unresolved(question.text, f"but {error.message}", Code.CONFIG_SYNTAX, error.at)
