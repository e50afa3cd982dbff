"""The routes."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bookshelf.catalogue import all_books, by_author, by_isbn

pages = Blueprint("pages", __name__)
api = Blueprint("api", __name__, url_prefix="/api")


@pages.get("/")
def index() -> str:
    return render_template("index.html", books=sorted(all_books(), key=lambda book: book.year))


@api.get("/books")
def books() -> list[dict[str, Any]]:
    return [asdict(book) for book in by_author(request.args.get("author", ""))]


@api.get("/books/<isbn>")
def book(isbn: str) -> dict[str, Any]:
    found = by_isbn(isbn)
    if found is None:
        abort(404, f"there is no book with the ISBN {isbn}")
    return asdict(found)


@api.errorhandler(HTTPException)
def explain(error: HTTPException) -> ResponseReturnValue:
    return jsonify(error=error.description), error.code or 500
