"""The week's ingress key is made before the first phone asks for it; the task carries no argument."""

from datetime import timedelta

from celery import shared_task

from privacy import clock
from privacy.keystore import services


@shared_task(name="privacy.keystore.tasks.rotate_ingress", ignore_result=True)
def rotate_ingress() -> None:
    today = clock.today()
    services.ingress_key(today)
    services.ingress_key(today + timedelta(days=7))
