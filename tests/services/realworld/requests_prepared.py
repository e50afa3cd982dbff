# requirements: requests
# returns: ["https://a.example/x?a=1", true]
import requests


def handler(event, context):
    r = requests.Request("GET", "https://a.example/x", params={"a": 1}).prepare()
    return [r.url, requests.certs.where().endswith("cacert.pem")]
