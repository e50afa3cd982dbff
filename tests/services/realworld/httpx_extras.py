# requirements: httpx[http2,socks,brotli]
# returns: {"u": "https://a.example"}
import httpx


def handler(event, context):
    c = httpx.Client(http2=True, transport=httpx.MockTransport(lambda r: httpx.Response(200, json={"u": str(r.url)})))
    return c.get("https://a.example").json()
