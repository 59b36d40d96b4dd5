# Copyright (C) 2026 ngx_http_payments_module contributors

"""
A stand-in for django-payments, where that is not installed.

It is not that library: it does what the library's urls, static_callback and
StripeProviderV3 do when an event of Stripe comes in, with the same URLs, codes
and bodies, and nothing else.  With django-payments this file is not used.
"""

import json
import uuid

from django.conf import settings
from django.db import models
from django.db.transaction import atomic
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path, re_path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt


class PaymentError(Exception):
    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class BasePayment(models.Model):
    """The fields that an event of Stripe has to do with."""

    variant = models.CharField(max_length=255)
    status = models.CharField(max_length=10, default="waiting")
    fraud_status = models.CharField(max_length=10, default="unknown")
    fraud_message = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)
    transaction_id = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=10)
    total = models.DecimalField(max_digits=9, decimal_places=2, default="0.0")
    captured_amount = models.DecimalField(
        max_digits=9, decimal_places=2, default="0.0"
    )
    extra_data = models.TextField(blank=True, default="")
    message = models.TextField(blank=True, default="")
    token = models.CharField(max_length=36, default=uuid.uuid4, unique=True)

    class Meta:
        abstract = True

    def change_status(self, status, message=""):
        self.status = status
        self.message = message
        self.save(update_fields=["status", "message"])

    def change_fraud_status(self, status, message=""):
        self.fraud_status = status
        self.fraud_message = message
        self.save(update_fields=["fraud_status", "fraud_message"])


class StripeProviderV3:
    def __init__(
        self,
        api_key,
        use_token=True,
        endpoint_secret=None,
        secure_endpoint=True,
    ):
        self.endpoint_secret = endpoint_secret
        self.secure_endpoint = secure_endpoint

    def return_event_payload(self, request):
        if not self.secure_endpoint:
            return json.loads(request.body)

        import stripe

        if "Stripe-Signature" not in request.headers:
            raise PaymentError("STRIPE_SIGNATURE not in request.headers", 400)

        # A wrong one is an exception, and an answer of 500
        return stripe.Webhook.construct_event(
            request.body,
            request.headers["Stripe-Signature"],
            self.endpoint_secret,
        )

    def get_token_from_request(self, payment, request):
        event = self.return_event_payload(request)

        try:
            return event["data"]["object"]["client_reference_id"]
        except Exception as e:
            raise PaymentError(
                "client_reference_id is not present, check Stripe Dashboard.",
                400,
            ) from e


def provider_factory(variant):
    try:
        name, arguments = settings.PAYMENT_VARIANTS[variant]
    except KeyError:
        raise ValueError(f"no variant {variant}") from None

    return import_string(name)(**arguments)


@csrf_exempt
@atomic
def process_data(request, token, provider=None):
    from .models import Payment

    payment = get_object_or_404(Payment, token=token)
    provider = provider or provider_factory(payment.variant)

    return provider.process_data(payment, request)


@csrf_exempt
@atomic
def static_callback(request, variant):
    def refuse(status, error, **more):
        return JsonResponse(
            {"error": error, "variant": variant, **more}, status=status
        )

    try:
        provider = provider_factory(variant)
    except ValueError:
        return refuse(400, "Invalid payment provider")

    try:
        token = provider.get_token_from_request(request=request, payment=None)
    except PaymentError as e:
        return refuse(e.code or 400, str(e), error_code=e.code)

    if not token:
        return refuse(400, "Could not extract payment token from webhook")

    try:
        return process_data(request, token, provider)
    except Http404:
        return refuse(404, "Payment not found")


urlpatterns = [
    path("process/<uuid:token>/", process_data, name="process_payment"),
    re_path(
        r"^process/(?P<variant>[a-z-]+)/$",
        static_callback,
        name="static_process_payment",
    ),
]
