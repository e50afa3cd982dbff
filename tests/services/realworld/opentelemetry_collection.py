# requirements: opentelemetry-distro opentelemetry-exporter-otlp opentelemetry-instrumentation-aws-lambda
# returns: "OTLPSpanExporter"
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
from opentelemetry.distro import OpenTelemetryDistro


def handler(event, context):
    return OTLPSpanExporter.__name__
