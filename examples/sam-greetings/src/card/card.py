"""`GET /cards/{name}`: one card as a page."""

from pathlib import Path

from cards import CARDS
from jinja2 import Environment, FileSystemLoader

PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


def handler(event, context):
    name = event["pathParameters"]["name"]
    if name not in CARDS:
        return {"statusCode": 404, "body": f"no card {name}"}
    page = PAGES.get_template("card.html").render(words=CARDS[name])
    return {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": page}
