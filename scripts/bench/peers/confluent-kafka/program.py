"""Topic to index by confluent-kafka and streaming_bulk of the official Elasticsearch client, as their documentation shows them."""
import json
import sys

from confluent_kafka import Consumer
from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

job = json.loads(sys.argv[1])
request_records = int(sys.argv[2])

client = Elasticsearch(job["url"])
consumer = Consumer(
    {
        "bootstrap.servers": job["broker"],
        "group.id": job["group"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe([job["topic"]])


def actions(messages):
    for message in messages:
        if message.error():
            raise RuntimeError(message.error())
        yield {
            "_index": job["index"],
            "_id": f"{message.topic()}+{message.partition()}+{message.offset()}",
            "_source": json.loads(message.value()),
        }


while True:
    messages = consumer.consume(request_records, 1.0)
    if messages:
        # Raises when anything was not written.
        for _ in streaming_bulk(client, actions(messages), chunk_size=request_records):
            pass
        consumer.commit(asynchronous=False)
