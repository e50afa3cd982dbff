# requirements: Flask
# returns: {"ok": true}
from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/")
def index():
    return jsonify(ok=True)


def handler(event, context):
    return app.test_client().get("/").get_json()
