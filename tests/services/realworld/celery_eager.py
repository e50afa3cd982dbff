# requirements: celery[redis]
# returns: 3
from celery import Celery

app = Celery("x", broker="memory://")
app.conf.task_always_eager = True


@app.task
def add(a, b):
    return a + b


def handler(event, context):
    return add.delay(1, 2).get()
