# requirements: PyYAML
# returns: [{"a": 1}, true]
import yaml


def handler(event, context):
    return [yaml.safe_load("a: 1"), yaml.__with_libyaml__]
