"""The routes, and the handler that Lambda calls."""

from dataclasses import asdict
from typing import Any

from apig_wsgi import make_lambda_handler
from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

from guestbook import entries
from guestbook.entries import Entry

app = Flask(__name__)


@app.get("/entries")
def read() -> list[dict[str, Any]]:
    return [asdict(entry) for entry in entries.latest(limit=50)]


@app.post("/entries")
def sign() -> tuple[dict[str, Any], int]:
    given = request.get_json()
    name, message = (str(given.get(field, "")).strip() for field in ("name", "message"))
    if not name or not message:
        abort(422, "a name and a message are needed")
    entry = Entry.now(name, message)
    entries.add(entry)
    return asdict(entry), 201


@app.errorhandler(HTTPException)
def explain(error: HTTPException) -> tuple[dict[str, Any], int]:
    return {"error": error.description}, error.code or 500


handler = make_lambda_handler(app)
