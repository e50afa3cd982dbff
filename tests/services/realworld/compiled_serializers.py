# requirements: orjson msgpack ujson simplejson msgspec
# returns: ["{\"a\":1}", [1], "1", "1", "1"]
import orjson, msgpack, ujson, simplejson, msgspec


def handler(event, context):
    return [
        orjson.dumps({"a": 1}).decode(),
        msgpack.unpackb(msgpack.packb([1])),
        ujson.dumps(1),
        simplejson.dumps(1),
        msgspec.json.encode(1).decode(),
    ]
