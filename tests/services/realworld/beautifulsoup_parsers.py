# requirements: beautifulsoup4 lxml html5lib
# returns: ["x", "x", "x"]
from bs4 import BeautifulSoup


def handler(event, context):
    return [BeautifulSoup("<p>x", p).p.text for p in ("html.parser", "lxml", "html5lib")]
