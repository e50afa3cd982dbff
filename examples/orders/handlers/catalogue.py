"""A price list put into the bucket as YAML, for people, is published as JSON, for the shop."""

import json
from typing import Any
from urllib.parse import unquote_plus

import boto3

from orders.log import log
from orders.prices import BadPriceList, read_price_list

PUBLISHED = "published/prices.json"

s3 = boto3.client("s3")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    if event.get("Event") == "s3:TestEvent":
        return {"published": 0, "refused": []}
    published, refused = 0, []
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        try:
            prices = read_price_list(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except BadPriceList as error:
            log("price list refused", key=key, reason=str(error))
            refused.append(key)
            continue
        document = json.dumps(prices, sort_keys=True).encode()
        s3.put_object(Bucket=bucket, Key=PUBLISHED, Body=document, ContentType="application/json")
        published += len(prices)
    return {"published": published, "refused": refused}
