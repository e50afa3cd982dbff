# requirements: azure-storage-blob azure-identity azure-keyvault-secrets azure-cosmos
# returns: ["x", "/a"]
from azure.storage.blob import BlobServiceClient
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
from azure.cosmos import PartitionKey


def handler(event, context):
    return [BlobServiceClient("https://a.example").get_container_client("x").container_name, PartitionKey("/a").path]
