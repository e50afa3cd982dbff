"""The grammar of variables, and what each source answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slspack.config.documents import Files
from slspack.config.documents.yaml_text import read_yaml
from slspack.config.nodes import Leaf, Node, Table, Unresolved
from slspack.config.variables import FrameworkSources
from slspack.config.variables.dotenv import parse_dotenv
from slspack.config.variables.grammar import Call, GrammarError, Literal, Reference, Template, parse
from slspack.config.variables.resolver import descend
from slspack.model import Location
from slspack.options import LoadOptions
from tests.support.services import write_files

if TYPE_CHECKING:
    from pathlib import Path

HERE = "here.yml"


def resolved(root: Path, text: str, path: str = "x", options: LoadOptions | None = None) -> Node:
    """The value at `path` of a document."""
    files = Files(root)
    document = read_yaml(text, HERE)
    sources = FrameworkSources(document, files, options or LoadOptions())
    node = descend(document, path, sources.resolver.resolve)
    assert node is not None
    return node


def value(root: Path, text: str, path: str = "x", options: LoadOptions | None = None) -> object:
    node = resolved(root, text, path, options)
    assert isinstance(node, Leaf), node
    return node.value


def why(root: Path, text: str, options: LoadOptions | None = None) -> str:
    node = resolved(root, text, options=options)
    assert isinstance(node, Unresolved), node
    return f"{node.code.id} {node.at}: `{node.text}`, {node.why}"


def test_parts_of_a_template() -> None:
    assert parse("a-${self:b.c, 'x'}") == (
        "a-",
        Reference((Call("self", (), ("b.c",)), Literal("x")), "${self:b.c, 'x'}"),
    )
    assert parse('${file("a b.yml", x):k.${opt:s}}') == (
        Reference(
            (Call("file", ((Literal("a b.yml"),), ("x",)), ("k.", Reference((Call("opt", (), ("s",)),), "${opt:s}"))),),
            '${file("a b.yml", x):k.${opt:s}}',
        ),
    )


@pytest.mark.parametrize(
    "text", ["${AWS::Region}", "${Foo}", "${}", "$${x}", "${ self:x }", "${'a'}", "cost $5 {x}", "${a::b}", ""]
)
def test_what_is_not_a_variable_is_text(text: str) -> None:
    assert parse(text) == ((text,) if text else ())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (r"\${self:a}", ("${self:a}",)),
        (r"\\\${self:a}", (r"\${self:a}",)),
        (r"C:\dir\${x}", (r"C:\dir${x}",)),
        (r"\n", (r"\n",)),
    ],
)
def test_a_backslash_makes_a_variable_text(text: str, parts: Template) -> None:
    assert parse(text) == parts


def test_two_backslashes_are_one_before_a_variable() -> None:
    assert parse(r"\\${self:a}") == ("\\", Reference((Call("self", (), ("a",)),), "${self:a}"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${opt:stage, dev}", "the fallback `dev` must be quoted: `'dev'`"),
        ("${opt:stage, }", "a fallback is missing after `,`"),
        ("${opt:stage", "the closing bracket of `${opt:stage` is missing"),
        ("${opt:stage, 'dev}", "the closing quote of `'dev}` is missing"),
        ('${opt:stage, "dev}', '`"dev}` does not begin with a valid quoted string'),
        ("${opt:stage, 'a' 'b'}", "expected `,` or `}` at `'b'}`"),
        ("${file(a.yml}", "the closing parenthesis of `${file(a.yml}` is missing"),
        ("${file('a' b)}", "unexpected text after a quoted string at `b)}`"),
        ("${self:a.${b}}", "a nested variable needs a type, as in `${self:…}`, at `${b}}`"),
    ],
)
def test_grammar_errors(text: str, message: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse(text)
    assert str(caught.value) == message


WORDS = st.text("abcxyz019_-/", min_size=1, max_size=6)
LITERALS = st.builds(Literal, st.text(max_size=8) | st.integers() | st.booleans() | st.none())


def written(part: object) -> str:
    match part:
        case Literal(literal):
            return json.dumps(literal)
        case Reference(sources):
            return "${" + ", ".join(written(source) for source in sources) + "}"
        case Call(kind, params, address):
            inside = ", ".join("".join(map(written, param)) for param in params)
            opening = f"{kind}({inside})" if params else kind
            return opening + (":" + "".join(map(written, address or ())) if address or not params else "")
    return str(part)


def references(depth: int) -> st.SearchStrategy[Reference]:
    part: st.SearchStrategy[Template] = WORDS.map(lambda word: (word,)) | st.text(max_size=8).map(
        lambda text: (Literal(text),)
    )
    if depth:
        nested = references(depth - 1)
        part = part | st.tuples(WORDS, nested) | st.tuples(nested, WORDS) | nested.map(lambda inner: (inner,))
    kinds = st.sampled_from(["self", "opt", "file", "strToBool"])
    calls = st.builds(Call, kinds, st.lists(part, max_size=2).map(tuple), part)
    fallbacks = st.lists(LITERALS | calls, max_size=2)
    return st.builds(lambda first, rest: _with_text((first, *rest)), calls, fallbacks)


def _with_text(sources: tuple[Call | Literal | Reference, ...]) -> Reference:
    bare = Reference(sources, "")
    return Reference(sources, written(bare))


@given(references(2))
def test_a_reference_is_read_as_it_was_written(reference: Reference) -> None:
    assert parse(written(reference)) == (reference,)


@given(st.text())
def test_a_quoted_literal_comes_back(text: str) -> None:
    double = json.dumps(text)
    assert parse(f"${{opt:no, {double}}}")[0] == Reference(
        (Call("opt", (), ("no",)), Literal(text)), f"${{opt:no, {double}}}"
    )


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_a_chain_of_references_ends_where_it_began(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    links = [f"k{index}: ${{self:k{index + 1}}}" for index in range(len(names))]
    text = "\n".join([*links, f"k{len(names)}: {{deep: [1, {names[0]}]}}"])
    assert value(tmp_path_factory.getbasetemp(), text, "k0.deep.1") == names[0]


def test_a_whole_value_keeps_its_type_and_a_part_becomes_text(tmp_path: Path) -> None:
    text = "n: 3\nb: true\nf: 2.0\nx: ${self:n}\ny: v${self:n}-${self:b}-${self:f}\nz: ${self:m}\nm: {a: 1}\n"
    assert value(tmp_path, text) == 3
    assert value(tmp_path, text, "y") == "v3-true-2"
    assert isinstance(resolved(tmp_path, text, "z"), Table)
    assert value(tmp_path, text, "z.a") == 1


def test_sources(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "inc/a.yml": "k: {deep: '${self:n}'}\nlist: [p, q]\n",
            "inc/b.json": '{"k": false}',
            "inc/c.txt": "plain\n",
        },
    )
    options = LoadOptions(
        stage="prod", options={"region": "eu-west-1"}, params={"cli": "given"}, environment={"HOME_": "here"}
    )
    base = (
        "n: name\nprovider: {stage: qa, region: us-west-2}\nstages: {prod: {params: {v4: four}}}\n"
        "params: {default: {d: default, p: no}, prod: {p: own, cli: no}}\n"
    )
    for variable, expected in {
        "${self:n}": "name",
        "${self:params.default.d}": "default",
        "${opt:stage}": "prod",
        "${opt:none, 'fallback'}": "fallback",
        "${opt:none, self:none, 4.5}": 4.5,
        "${opt:none, ${self:n}}": "name",
        "${opt:none, '${self:n}'}": "name",
        "${opt:none, null}": None,
        "${env:HOME_}": "here",
        "${param:cli}": "given",
        "${param:p}": "own",
        "${param:d}": "default",
        "${param:v4}": "four",
        "${sls:stage}": "prod",
        "${sls:instanceId}": "slspack",
        "${aws:region}": "eu-west-1",
        "${file(./inc/a.yml):k.deep}": "name",
        "${file(inc/a.yml):list.1}": "q",
        "${file(inc/${self:letter}.json):k}": False,
        "${file(inc/c.txt)}": "plain\n",
        "${file(inc/none.yml):k, 'gone'}": "gone",
        "${strToBool(true)}": True,
        "${strToBool(${self:zero})}": False,
        "${strToBool('TRUE')}": True,
    }.items():
        text = f"{base}letter: b\nzero: '0'\nx: {json.dumps(variable)}\n"
        assert value(tmp_path, text, options=options) == expected, variable


def test_the_stage_is_the_option_then_the_provider_s_then_dev(tmp_path: Path) -> None:
    assert value(tmp_path, "x: ${sls:stage}\n") == "dev"
    assert value(tmp_path, "provider: {stage: '${env:S, ''qa''}'}\nx: ${sls:stage}\n") == "qa"
    assert value(tmp_path, "x: ${aws:region}\nprovider: {region: eu-north-1}\n") == "eu-north-1"
    assert value(tmp_path, "x: ${aws:region}\n") == "us-east-1"


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        ("${ssm:/a/b}", "and only the cloud can answer `ssm`"),
        ("${ssm:/a/b, 'fallback'}", "and only the cloud can answer `ssm`"),
        ("${aws:accountId}", "and only the cloud can answer `aws`"),
        ("${s3:bucket/key}", "and only the cloud can answer `s3`"),
        ("${cf(eu-west-1):stack.out}", "and only the cloud can answer `cf`"),
        ("${git:sha1}", "and slspack does not know the type `git`"),
        ("${file(a.js):k}", "and slspack runs no JavaScript"),
        ("${env:NOPE}", "but the environment variable `NOPE` is not set"),
        ("${opt:nope}", "but the option `--nope` is not given"),
        ("${param:nope}", "but the parameter `nope` has no value"),
        ("${self:no.such}", "but `no.such` is not there"),
        ("${file(.)}", "but the file cannot be read: "),
        ("${file()}", "which names no file"),
        ("${sls:nope}", "but `sls` has only `stage` and `instanceId`"),
        ("${strToBool(maybe)}", "but `maybe` is not `true`, `false`, `1` or `0`"),
        ("a-${self:m}", "which is a map inside a string"),
        ("${self:${self:m}}", "whose parameter or address is a map"),
        ("${file(${ssm:/p})}", "and only the cloud can answer `ssm`"),
        ("${opt:a, b}", "which cannot be parsed: the fallback `b` must be quoted: `'b'`"),
    ],
)
def test_what_has_no_value_says_why(tmp_path: Path, variable: str, reason: str) -> None:
    said = why(tmp_path, f"m: {{}}\nx: {json.dumps(variable)}\n")
    assert reason in said
    assert f"{HERE}:2:4" in said or "${file(.)}" in said


def test_a_broken_include_is_reported_where_it_is_broken(tmp_path: Path) -> None:
    write_files(tmp_path, {"inc.yml": "a: 1\na: 2\n"})
    assert why(tmp_path, "x: ${file(inc.yml):a, 'no'}\n") == (
        "SLS0102 inc.yml:2:1: `${file(inc.yml):a, 'no'}`, but not valid YAML: duplicated key `a`"
    )


def test_what_depends_on_the_unresolved_is_unresolved_and_names_the_origin(tmp_path: Path) -> None:
    text = "o: ${ssm:/p}\nx: ${self:o, 'fallback'}-suffix\n"
    assert why(tmp_path, text) == f"SLS0106 {HERE}:1:4: `${{ssm:/p}}`, and only the cloud can answer `ssm`"


def test_a_circle_is_named(tmp_path: Path) -> None:
    text = "x: ${self:a}\na: ${self:b.c}\nb: {c: 'v-${self:a}'}\n"
    assert why(tmp_path, text) == (
        f"SLS0105 {HERE}:2:4: `${{self:b.c}}`, "
        "which leads back to itself: `${self:b.c}` → `v-${self:a}` → `${self:b.c}`"
    )
    assert "`${self:x}` → `${self:x}`" in why(tmp_path, "x: ${self:x}\n")


def test_a_circle_through_the_environment_ends(tmp_path: Path) -> None:
    options = LoadOptions(environment={"A": "${env:A}"})
    assert why(tmp_path, "x: ${env:A}\n", options).startswith(f"SLS0105 {HERE}:1:4: `${{env:A}}`, which leads back")


def test_nothing_is_read_that_is_not_asked_for(tmp_path: Path) -> None:
    write_files(tmp_path, {"broken.yml": "a: [\n", "good.yml": "k: v\n"})
    files = Files(tmp_path)
    document = read_yaml("a: ${file(broken.yml)}\nb: ${file(good.yml):k}\n", HERE)
    sources = FrameworkSources(document, files, LoadOptions())
    assert descend(document, "b", sources.resolver.resolve) == Leaf("v", Location("good.yml", 1, 4))
    assert files.names == ("good.yml",)


def test_dotenv_files(tmp_path: Path) -> None:
    write_files(tmp_path, {".env": "A=default\nB=base\n", ".env.prod": "A=prod\n"})
    text = "useDotenv: true\nx: ${env:A}\ny: ${env:B, 'none'}\n"
    assert value(tmp_path, text) == "default"
    assert value(tmp_path, text, "y") == "base"
    prod = LoadOptions(stage="prod")
    assert value(tmp_path, text, options=prod) == "prod"
    assert value(tmp_path, text, "y", prod) == "none"
    process = LoadOptions(environment={"A": "process"})
    assert value(tmp_path, text, options=process) == "process"
    assert "`A` is not set" in why(tmp_path, "x: ${env:A}\n")
    in_stage = "useDotenv: true\nprovider: {stage: '${env:A, ''prod''}'}\nx: ${env:A}\n"
    assert value(tmp_path, in_stage) == "prod"
    assert value(tmp_path, in_stage, "provider.stage") == "prod"
    from_file = "useDotenv: true\nprovider: {stage: '${env:B, ''dev''}'}\nx: ${sls:stage}\n"
    assert value(tmp_path, from_file) == "base"


def test_dotenv_syntax() -> None:
    text = """
    # comment
    PLAIN = value # comment
    export EXPORTED=yes
    EMPTY=
    COLON: spaced
    SINGLE='$PLAIN # kept'
    DOUBLE="a\\nb"
    LINES="one
two"
    JOINED=${PLAIN}-$OUTER-${NONE:-default}-\\$PLAIN
    LOOP=$LOOP.
    not a line
    """
    assert parse_dotenv(text, {"OUTER": "out"}) == {
        "PLAIN": "value",
        "EXPORTED": "yes",
        "EMPTY": "",
        "COLON": "spaced",
        "SINGLE": "value # kept",
        "DOUBLE": "a\nb",
        "LINES": "one\ntwo",
        "JOINED": "value-out-default-$PLAIN",
        "LOOP": "...........",
    }
