# /// script
# requires-python = ">=3.11"
# dependencies = ["web-app>=1", "native"]
#
# [[tool.uv.index]]
# url = "http://packages.example/simple"
# default = true
# ///
import native


def handler(event, context):
    return native.__name__
