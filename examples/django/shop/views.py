# Copyright (C) 2026 ngx_http_payments_module contributors

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from .models import Payment


def thanks(request, token):
    """Where the buyer comes back to, often before the event does."""
    payment = get_object_or_404(Payment, token=token)
    return HttpResponse(f"Your payment: {payment.status}\n", "text/plain")
