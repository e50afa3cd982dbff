# requirements: lxml
# returns: ["b", "x"]
from lxml import etree, html


def handler(event, context):
    return [etree.fromstring("<a><b/></a>")[0].tag, html.fromstring("<p>x</p>").text]
