"""Serves a function's tree in a long-lived process of a local emulator, and reloads what changed.

Copied as `slspack_live.py` to a folder that the emulator's Python has on PYTHONPATH; a module there for each handler
calls `serve`. It uses nothing but the standard library, and runs on every Python that Lambda has.

First-party modules are forgotten when the tree changes, so that the next call imports them anew, with all their
globals; distributions stay imported. When one of those changes, or a variable, or the runtime's minor is another, the
process is replaced by a new one (`exec`) that answers the call that is waiting.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TextIO

_HERE = os.path.dirname(os.path.abspath(__file__))
_PENDING = "SLSPACK_LIVE_PENDING"
_TRIED = "SLSPACK_LIVE_PYTHON"
_RELOAD = "SLSPACK_LIVE_RELOAD"
_ERRORS = "SLSPACK_LIVE_ERRORS"
_VARIABLES = "SLSPACK_LIVE_VARIABLES"


def serve(attributes: Mapping[str, Sequence[str]]) -> Mapping[str, Callable[[Any, Any], Any]]:
    """The handlers of one module, by attribute. `attributes` has the functions that each belongs to."""
    functions = {attribute: _Function(_choose(names)) for attribute, names in attributes.items()}
    asked = os.environ.get("_HANDLER", "").rpartition(".")[2]
    chosen = functions.get(asked) or next(iter(functions.values()))
    chosen.enter()
    return {attribute: function.call for attribute, function in functions.items()}


def _choose(names: Sequence[str]) -> str:
    """Of functions with the same handler, the one whose deployed name (`SERVICE-STAGE-NAME`) this process has."""
    deployed = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    fitting = [name for name in names if deployed == name or deployed.endswith("-" + name)]
    return max(fitting, key=len, default=names[0])


class _Function:
    """A function's tree, as far as this process has loaded it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._path = os.path.join(_HERE, ".functions", name + ".json")
        self._stamp: tuple[int, ...] = ()
        self._variables = os.path.join(_HERE, ".variables.json")
        self._variables_stamp: tuple[int, ...] = ()
        self._record: dict[str, Any] = {}
        self._handler: Callable[[Any, Any], Any] | None = None
        self._folder = os.getcwd()
        self._python_path = os.environ.get("PYTHONPATH")
        self._notice = ""

    def enter(self) -> None:
        """Make this process that of the function: its interpreter, its folder, its modules."""
        self._read()
        self._take_interpreter()
        self._take_variables()
        _replay_pending()
        self._leave_emulator()
        self._stand_in_tree()

    def call(self, event: Any, context: Any) -> Any:
        """What the handler answers; what it raises is printed, and answered as Lambda does."""
        try:
            if self._notice:
                print(self._notice, file=sys.stderr)
                self._notice = ""
            self._refresh(event, context)
            return self._load()(event, context)
        except (Exception, SystemExit) as error:
            if os.environ.get(_ERRORS) == "raise":
                raise
            return _failure(error)

    def _read(self) -> bool:
        """Read the function's record if it is another than the one known."""
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return False
        with open(self._path, encoding="utf-8") as stream:
            self._record = json.load(stream)
        self._stamp = stamp
        return True

    def _take_variables(self) -> None:
        """Set what plugins have for the environment, but for what the emulator has set."""
        self._variables_stamp = _stamp(self._variables)
        now: dict[str, str] = {}
        if self._variables_stamp:
            with open(self._variables, encoding="utf-8") as stream:
                now = json.load(stream)
        # A process that was replaced hands on what it has set, which is not the emulator's.
        before = json.loads(os.environ.get(_VARIABLES, "[]"))
        for name in before:
            os.environ.pop(name, None)
        taken = {name: value for name, value in now.items() if name not in os.environ}
        os.environ.update(taken)
        if taken or before:
            os.environ[_VARIABLES] = json.dumps(sorted(taken))

    def _refresh(self, event: Any, context: Any) -> None:
        if _stamp(self._variables) != self._variables_stamp:
            self._restart(event, context)
        before = self._record
        if not self._read():
            return
        now = self._record
        if now["tree"] == before["tree"] and now["fingerprint"] == before["fingerprint"]:
            return
        kept = all(now[key] == before[key] for key in ("tree", "packages", "python"))
        if not kept or os.environ.get(_RELOAD) == "process":
            self._restart(event, context)
        self._forget({*before["own"], *now["own"]})
        self._stand_in_tree()

    def _load(self) -> Callable[[Any, Any], Any]:
        if self._handler is None:
            _forget_stubs()
            try:
                module = importlib.import_module(self._record["module"])
                self._handler = getattr(module, self._record["attribute"])
            except BaseException:
                self._forget(self._record["own"])
                raise
        return self._handler

    def _forget(self, own: Iterable[str]) -> None:
        """Take first-party modules out of `sys.modules`, and out of the packages that stay."""
        self._handler = None
        tree = self._record["tree"]
        files = {os.path.join(tree, *name.split("/")) for name in own}
        folders = {os.path.dirname(file) for file in files}
        mine = {name for name, module in [*sys.modules.items()] if _is_of(module, files, folders)}
        kept = [name for name in sys.modules if name not in mine]
        # A namespace package that distributions share stays, for the sake of those.
        mine -= {name for name in mine if _is_namespace(sys.modules[name]) and _holds(name, kept)}
        for name in mine:
            sys.modules.pop(name, None)
            package, _, last = name.rpartition(".")
            if package in sys.modules:
                vars(sys.modules[package]).pop(last, None)
        importlib.invalidate_caches()

    def _stand_in_tree(self) -> None:
        """As in Lambda, the function's code is the working folder, and comes first on the path."""
        tree = self._record["tree"]
        os.chdir(tree)
        os.environ["LAMBDA_TASK_ROOT"] = tree
        if tree not in sys.path:
            sys.path.insert(0, tree)

    def _leave_emulator(self) -> None:
        """Take the emulator's folders off the path: a function that finds its modules there would not be itself."""
        foreign = {_HERE, os.path.dirname(os.path.abspath(sys.argv[0])), self._folder}
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) not in foreign]
        rest = [e for e in (self._python_path or "").split(os.pathsep) if e and os.path.abspath(e) != _HERE]
        if rest:
            os.environ["PYTHONPATH"] = os.pathsep.join(rest)
        else:
            os.environ.pop("PYTHONPATH", None)

    def _take_interpreter(self) -> None:
        minor = tuple(self._record["python"])
        if sys.version_info[:2] == minor:
            return
        wanted = "python{}.{}".format(*minor)
        found = shutil.which(wanted)
        if found and os.name == "posix" and os.environ.get(_TRIED) != wanted and _is_python(found, minor):
            os.environ[_TRIED] = wanted
            _execute(found)
        here = "{}.{}".format(*sys.version_info)
        self._notice = f"slspack: `{self._name}` is built for {wanted} and runs on Python {here}: put {wanted} on PATH"

    def _restart(self, event: Any, context: Any) -> None:
        """Replace this process by a new one, which finds the same call on its standard input."""
        if os.name != "posix":
            raise RuntimeError(f"distributions or variables of `{self._name}` changed: start the emulator anew")
        given = {name: value for name, value in vars(context).items() if name != "created"}
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", delete=False) as stream:
            json.dump({"event": event, "context": given}, stream)
        os.environ[_PENDING] = stream.name
        os.chdir(self._folder)
        if self._python_path is not None:
            os.environ["PYTHONPATH"] = self._python_path
        _execute(sys.executable)


def _stamp(path: str) -> tuple[int, ...]:
    """What the file system says of a file; empty if there is none."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return ()
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _forget_stubs() -> None:
    """Make way for the modules whose names the emulator's were called by."""
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None)
        if file and name != __name__ and file.startswith(_HERE + os.sep):
            del sys.modules[name]


def _is_of(module: Any, files: Iterable[str], folders: Iterable[str]) -> bool:
    file = getattr(module, "__file__", None)
    if file:
        return file in files
    return _is_namespace(module) and any(entry in folders for entry in module.__path__)


def _is_namespace(module: Any) -> bool:
    return getattr(module, "__file__", None) is None and hasattr(module, "__path__")


def _holds(package: str, names: Iterable[str]) -> bool:
    return any(name.startswith(package + ".") for name in names)


def _is_python(path: str, minor: tuple[int, ...]) -> bool:
    """Whether it runs and is that minor: what pyenv puts on PATH may be neither."""
    command = [path, "-c", "import sys; print(*sys.version_info[:2])"]
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return process.stdout.split() == [str(part).encode() for part in minor]


def _execute(python: str) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python, [python, "-u", *sys.argv])


def _replay_pending() -> None:
    """Put the call that the process before this one was given in front of what the emulator sends next."""
    path = os.environ.pop(_PENDING, None)
    if path:
        with open(path, encoding="utf-8") as stream:
            line = stream.read()
        os.unlink(path)
        replayed: Any = _Replayed(line + "\n", sys.stdin)
        sys.stdin = replayed


class _Replayed:
    """Standard input with one more line before it."""

    def __init__(self, line: str, stream: TextIO) -> None:
        self._line = line
        self._stream = stream

    def readline(self) -> str:
        line, self._line = self._line, ""
        return line or self._stream.readline()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _failure(error: BaseException) -> dict[str, Any]:
    """Lambda's answer for a function that failed, which is also the HTTP response that its caller gets."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    error = error.with_traceback(frames)
    traceback.print_exception(type(error), error, frames)
    answer: dict[str, Any] = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(frames),
    }
    headers = {"content-type": "application/json"}
    return {**answer, "statusCode": 502, "headers": headers, "body": json.dumps(answer)}
