"""A template's text with other paths in it: everything else stays as it was written, tags, quotes and anchors too."""

from __future__ import annotations

import json
import os
import posixpath
from typing import TYPE_CHECKING

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from slspack.codes import Code
from slspack.config.template import NESTED
from slspack.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from slspack.model import Location
    from slspack.report.records import LayerRecord

_TEXT = "tag:yaml.org,2002:str"
_LIST = "tag:yaml.org,2002:seq"

LOCAL_PATHS: dict[str, tuple[str, ...]] = {
    "AWS::ApiGateway::RestApi": ("BodyS3Location",),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location",),
    "AWS::AppSync::FunctionConfiguration": (
        "CodeS3Location",
        "RequestMappingTemplateS3Location",
        "ResponseMappingTemplateS3Location",
    ),
    "AWS::AppSync::GraphQLSchema": ("DefinitionS3Location",),
    "AWS::AppSync::Resolver": (
        "CodeS3Location",
        "RequestMappingTemplateS3Location",
        "ResponseMappingTemplateS3Location",
    ),
    "AWS::CloudFormation::ModuleVersion": ("ModulePackage",),
    "AWS::CloudFormation::ResourceVersion": ("SchemaHandlerPackage",),
    "AWS::CloudFormation::Stack": ("TemplateURL",),
    "AWS::CloudFormation::StackSet": ("TemplateURL",),
    "AWS::ElasticBeanstalk::ApplicationVersion": ("SourceBundle",),
    "AWS::Glue::Job": ("Command.ScriptLocation",),
    "AWS::Lambda::Function": ("Code",),
    "AWS::Lambda::LayerVersion": ("Content",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::Application": ("Location",),
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location",),
}
"""The properties that may be paths relative to the template, by the resource's type.

Source: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html and
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-package.html
"""

_PUBLISHED = ("LicenseUrl", "ReadmeUrl")


class TemplateText:
    """The nodes of one template. What is changed is copied first: an anchor may stand for several places."""

    def __init__(self, text: str, *, is_json: bool) -> None:
        # Composing makes nodes, and never an object of a tag's choosing.
        if is_json:
            text = yaml.safe_dump(json.loads(text), sort_keys=False, allow_unicode=True)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        assert isinstance(root, MappingNode), "it has been read before"  # noqa: S101
        self._root = root

    def written(self) -> str:
        """The text, with its lines no longer than they were made."""
        text = yaml.serialize(self._root, Dumper=yaml.SafeDumper, width=1 << 16, allow_unicode=True)
        assert isinstance(text, str), "no encoding is asked for"  # noqa: S101
        return text

    def set_property(self, resource: str, name: str, value: str) -> None:
        """Let a property of a resource be this string."""
        _put(self._own("Resources", resource, "Properties"), name, value)

    def set_template(self, resource: str, value: str) -> None:
        """Let a nested application's template be this path."""
        found = _get(_get(self._root, "Resources"), resource)
        kind = _get(found, "Type")
        assert isinstance(kind, ScalarNode), "it has been read before"  # noqa: S101
        self.set_property(resource, NESTED[kind.value], value)

    def attach(self, resource: str, layers: Sequence[str], at: Location) -> None:
        """Let a function have these layers of the template too. Raises SLS0161 where what it has is no list."""
        if not layers:
            return
        properties = self._own("Resources", resource, "Properties")
        has = _get(properties, "Layers")
        if has is not None and not (isinstance(has, SequenceNode) and has.tag == _LIST):
            message = f"`{resource}` uses layers that slspack makes, which cannot be added to its `Layers`: no list"
            hint = (
                "write `Layers` as a list, with `!If` in its elements, or give the function `layers: []` of slspack's"
            )
            raise ConfigError.of(Code.LAYERS_NOT_LISTED, message, at=at, hint=hint)
        before = has.value if isinstance(has, SequenceNode) else []
        flow = has.flow_style if isinstance(has, SequenceNode) else False
        references = [_node({"Ref": layer}) for layer in layers]
        _put_node(properties, "Layers", SequenceNode(_LIST, [*before, *references], flow_style=flow))

    def add_layer(self, logical: str, layer: LayerRecord, content: str) -> None:
        """Add a layer's resource, and who else may use it."""
        resources = self._own("Resources")
        _put_node(resources, logical, _node(layer_resource(layer, content, serverless=self._is_serverless)))
        for number, account in enumerate(layer["allowed_accounts"]):
            _put_node(resources, f"{logical}Permission{number}", _node(_permission(logical, account)))

    @property
    def _is_serverless(self) -> bool:
        """Whether SAM transforms the template."""
        transform = _get(self._root, "Transform")
        named = transform.value if isinstance(transform, SequenceNode) else [transform]
        return any(isinstance(one, ScalarNode) and one.value.startswith("AWS::Serverless") for one in named)

    def rebase(self, source: Path, target: Path) -> None:
        """Let every path that is relative to the folder `source` be relative to `target`."""

        def moved(path: str) -> str:
            return os.path.relpath(source / path, target).replace(os.sep, "/")

        for resource, kind in self._typed():
            for name in LOCAL_PATHS.get(kind, ()):
                self._move(("Resources", resource, "Properties", *name.split(".")), moved)
        self._move(("Globals", "Function", "CodeUri"), moved)
        for name in _PUBLISHED:
            self._move(("Metadata", "AWS::ServerlessRepo::Application", name), moved)
        _move_included(self._root, moved, set())

    def _typed(self) -> Iterator[tuple[str, str]]:
        resources = _get(self._root, "Resources")
        for key, resource in list(resources.value) if isinstance(resources, MappingNode) else []:
            kind = _get(resource, "Type")
            if isinstance(kind, ScalarNode):
                yield key.value, kind.value

    def _move(self, path: tuple[str, ...], moved: Callable[[str], str]) -> None:
        node: yaml.Node | None = self._root
        for key in path:
            node = _get(node, key)
        if isinstance(node, ScalarNode) and _is_local(node):
            _put(self._own(*path[:-1]), path[-1], moved(node.value))

    def _own(self, *path: str) -> MappingNode:
        """The map at a path, with every map on the way to it copied, and made where there is none."""
        node = self._root
        for key in path:
            found = _get(node, key)
            entries = list(found.value) if isinstance(found, MappingNode) else []
            child = MappingNode("tag:yaml.org,2002:map", entries, flow_style=getattr(found, "flow_style", False))
            _put_node(node, key, child)
            node = child
        return node


def layer_resource(layer: LayerRecord, content: str, *, serverless: bool) -> dict[str, object]:
    """The resource of a layer, of SAM's type or CloudFormation's own."""
    policy = "Retain" if layer["retain"] else "Delete"
    properties = {
        "LayerName": layer["name"],
        "Description": layer["description"],
        "ContentUri" if serverless else "Content": content,
        "CompatibleRuntimes": layer["compatible_runtimes"],
        "CompatibleArchitectures": layer["compatible_architectures"],
        "LicenseInfo": layer["license_info"],
        **({"RetentionPolicy": policy} if serverless else {}),
    }
    kept = {name: value for name, value in properties.items() if value}
    if serverless:
        return {"Type": "AWS::Serverless::LayerVersion", "Properties": kept}
    return {"Type": "AWS::Lambda::LayerVersion", "UpdateReplacePolicy": policy, "Properties": kept}


def _permission(logical: str, account: str) -> dict[str, object]:
    properties = {"Action": "lambda:GetLayerVersion", "LayerVersionArn": {"Ref": logical}, "Principal": account}
    return {"Type": "AWS::Lambda::LayerVersionPermission", "Properties": properties}


def _node(value: object) -> yaml.Node:
    """A plain value as a node."""
    node = yaml.compose(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), Loader=yaml.SafeLoader)
    assert node is not None, "a value is written"  # noqa: S101
    return node


def _get(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """What stands under a key of a map, itself or merged into it (`<<`)."""
    if not isinstance(node, MappingNode):
        return None
    merged: list[yaml.Node] = []
    value: yaml.Node
    for name, value in node.value:
        if isinstance(name, ScalarNode) and name.value == key:
            return value
        if isinstance(name, ScalarNode) and name.value == "<<":
            merged += value.value if isinstance(value, SequenceNode) else [value]
    return next((found for each in merged if (found := _get(each, key)) is not None), None)


def _put(node: MappingNode, key: str, value: str) -> None:
    _put_node(node, key, ScalarNode(_TEXT, value))


def _put_node(node: MappingNode, key: str, value: yaml.Node) -> None:
    for index, (name, _) in enumerate(node.value):
        if isinstance(name, ScalarNode) and name.value == key:
            node.value[index] = (name, value)
            return
    node.value.append((ScalarNode(_TEXT, key), value))


def _is_local(node: ScalarNode) -> bool:
    text = node.value
    return node.tag == _TEXT and bool(text.strip()) and "://" not in text and not posixpath.isabs(text)


def _move_included(node: yaml.Node, moved: Callable[[str], str], seen: set[int]) -> None:
    """Move the `Location` of every `AWS::Include`, wherever it stands, in place: each node is there once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, SequenceNode):
        for item in node.value:
            _move_included(item, moved, seen)
    if not isinstance(node, MappingNode):
        return
    name = _get(node, "Name")
    if isinstance(name, ScalarNode) and name.value == "AWS::Include":
        location = _get(_get(node, "Parameters"), "Location")
        if isinstance(location, ScalarNode) and _is_local(location):
            location.value = moved(location.value)
    for _, value in node.value:
        _move_included(value, moved, seen)
