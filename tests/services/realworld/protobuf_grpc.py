# requirements: protobuf grpcio googleapis-common-protos grpcio-status
# returns: ["\"1970-01-01T00:00:01Z\"", "OK", 3]
import grpc
from google.protobuf import timestamp_pb2, json_format
from google.rpc import status_pb2
from grpc_status import rpc_status


def handler(event, context):
    return [
        json_format.MessageToJson(timestamp_pb2.Timestamp(seconds=1)),
        grpc.StatusCode.OK.name,
        status_pb2.Status(code=3).code,
    ]
