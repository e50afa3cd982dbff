"""A small library catalogue: pages for people, JSON for programs."""

from flask import Flask

from bookshelf.views import api, pages


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(pages)
    app.register_blueprint(api)
    return app
