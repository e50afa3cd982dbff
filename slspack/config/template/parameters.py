"""What the parameters of a template are, before anything is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slspack.codes import Code
from slspack.config.nodes import Items, Leaf, Node, Table, Unresolved
from slspack.config.template.intrinsics import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slspack.options import LoadOptions

_DEFAULT_REGION = "us-east-1"
_LIST_TYPES = ("CommaDelimitedList", "List<")
_STORED = "AWS::SSM::Parameter::Value<"


def parameter_values(template: Table, given: Mapping[str, Node]) -> dict[str, Node]:
    """Each parameter's value by name: what is given, else its default. SSM parameters have none before a deployment."""
    values: dict[str, Node] = {}
    declared = template.entries.get("Parameters")
    for name, node in declared.entries.items() if isinstance(declared, Table) else ():
        kind = _entry(node, "Type")
        value = given.get(name) or _entry(node, "Default")
        if kind is not None and isinstance(kind, Leaf) and str(kind.value).startswith(_STORED):
            why = "which only a deployment can look up"
            values[name] = Unresolved(f"!Ref {name}", why, Code.VARIABLE_UNRESOLVED, node.at, _hint(name))
        elif value is None:
            why = f"but the parameter `{name}` has no default"
            values[name] = Unresolved(f"!Ref {name}", why, Code.VARIABLE_UNRESOLVED, node.at, _hint(name))
        else:
            values[name] = _listed(kind, value)
    return values


def pseudo_parameters(template: Table, options: LoadOptions) -> dict[str, Node]:
    """The pseudo parameters that are known before a deployment: region, partition, and that nothing is nothing.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
    """
    given = options.all_options.get("region")
    environment = options.environment
    region = given or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or _DEFAULT_REGION
    china = region.startswith("cn-")
    partition = "aws-cn" if china else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    words = {
        "AWS::Region": region,
        "AWS::Partition": partition,
        "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
        "AWS::NoValue": None,
    }
    return {name: Leaf(word, template.at) for name, word in words.items()}


def _entry(node: Node, key: str) -> Node | None:
    return node.entries.get(key) if isinstance(node, Table) else None


def _listed(kind: Node | None, value: Node) -> Node:
    """A list's value is written with commas."""
    is_list = isinstance(kind, Leaf) and str(kind.value).startswith(_LIST_TYPES)
    if not is_list or not isinstance(value, Leaf):
        return value
    return Items(tuple(Leaf(part.strip(), value.at) for part in text_of(value).split(",")), value.at)


def _hint(name: str) -> str:
    return f"give it with `--param {name}=…`"
