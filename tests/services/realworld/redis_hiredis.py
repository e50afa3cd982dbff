# requirements: redis[hiredis]
# returns: ["h", true]
import redis


def handler(event, context):
    return [redis.Redis(host="h").connection_pool.connection_kwargs["host"], redis.utils.HIREDIS_AVAILABLE]
