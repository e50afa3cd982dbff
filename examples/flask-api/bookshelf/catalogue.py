"""The books, read once from the file beside this module."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Book:
    isbn: str
    title: str
    author: str
    year: int


@cache
def all_books() -> tuple[Book, ...]:
    text = files("bookshelf").joinpath("books.json").read_text("utf-8")
    return tuple(Book(**row) for row in json.loads(text))


def by_author(name: str) -> list[Book]:
    return [book for book in all_books() if name.casefold() in book.author.casefold()]


def by_isbn(isbn: str) -> Book | None:
    return next((book for book in all_books() if book.isbn == isbn), None)
