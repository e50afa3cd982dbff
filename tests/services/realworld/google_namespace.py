# requirements: google-cloud-pubsub google-cloud-storage
# returns: ["projects/p/topics/t", true]
from google.cloud import pubsub_v1
from google.cloud import storage


def handler(event, context):
    return [pubsub_v1.PublisherClient.topic_path("p", "t"), storage.__version__ != ""]
