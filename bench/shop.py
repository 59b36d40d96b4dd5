# Copyright (C) 2026 ngx_http_payments_module contributors

"""What many sites run: a view that checks the event and inserts a row.

    shop.py            create the database, BENCH_DB
    gunicorn shop:app

No middleware, no session, no log, a connection that stays: Django at its best.
"""

import os

import django
import stripe
from django.conf import settings
from django.db import connection, models
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BENCH_DB"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 60},
        }
    },
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="bench",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()


class Event(models.Model):
    key = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    payload = models.TextField()

    class Meta:
        app_label = "bench"


def durable(connection, **kwargs):
    connection.cursor().execute("PRAGMA synchronous=FULL")


connection_created.connect(durable)


def webhook(request):
    try:
        event = stripe.Webhook.construct_event(
            request.body,
            request.headers.get("Stripe-Signature", ""),
            os.environ["BENCH_SECRET"],
        )
    except (ValueError, stripe.error.SignatureVerificationError):
        return HttpResponse(status=400)

    Event.objects.create(
        key=event["id"], type=event["type"], payload=request.body.decode()
    )
    return HttpResponse(status=200)


urlpatterns = [path("payments/process/stripe/", webhook)]

if __name__ == "__main__":
    connection.cursor().execute("PRAGMA journal_mode=WAL")
    with connection.schema_editor() as editor:
        editor.create_model(Event)
else:
    from django.core.wsgi import get_wsgi_application

    app = get_wsgi_application()
