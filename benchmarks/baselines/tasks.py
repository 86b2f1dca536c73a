from django.tasks import task


@task
def process(event_id):
    """What a worker would do with the event: nothing here, as no worker runs while acknowledging is measured."""
