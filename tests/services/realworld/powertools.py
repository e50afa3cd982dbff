# requirements: boto3 aws-lambda-powertools[all] aws-xray-sdk
# returns: ["dynamodb", 1]
import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.parser import parse, BaseModel
from aws_lambda_powertools.utilities.validation import validate

logger = Logger(service="x")
tracer = Tracer(service="x", disabled=True)
metrics = Metrics(namespace="x", service="y")
app = APIGatewayRestResolver()


class M(BaseModel):
    a: int


def handler(event, context):
    logger.info("x")
    validate({"a": 1}, {"type": "object"})
    return [boto3.client("dynamodb").meta.service_model.service_name, parse(event={"a": 1}, model=M).a]
