# requirements: fastapi mangum
# returns: "{\"n\":3}"
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/")
def index(n: int):
    return {"n": n}


wrapped = Mangum(app, lifespan="off")


def handler(event, context):
    request = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "n=3",
        "headers": {"host": "x"},
        "requestContext": {
            "http": {"method": "GET", "path": "/", "sourceIp": "1.1.1.1", "protocol": "HTTP/1.1"},
            "domainName": "x",
        },
        "isBase64Encoded": False,
    }
    return wrapped(request, context)["body"]
