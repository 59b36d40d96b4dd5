# Copyright (C) 2026 ngx_http_payments_module contributors

from django.db import models
from django.urls import reverse

try:
    from payments.models import BasePayment
except ImportError:
    from .standin import BasePayment


class Payment(BasePayment):
    def get_success_url(self):
        return reverse("thanks", args=[self.token])

    get_failure_url = get_success_url

    def get_purchased_items(self):
        return []


class Event(models.Model):
    """What was done already: an event may come more than once."""

    source = models.CharField(max_length=255)
    event_id = models.CharField(max_length=255)
    result = models.CharField(max_length=16)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "event_id"], name="event_once"
            )
        ]
