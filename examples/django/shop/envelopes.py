# Copyright (C) 2026 ngx_http_payments_module contributors

"""Envelopes, signed by nginx as https://www.standardwebhooks.com has it."""

import base64
import hmac
import json
import time

from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import events


def is_signed(headers, body, key, tolerance=300):
    stamp = headers.get("webhook-timestamp", "")

    if not stamp.isascii() or not stamp.isdigit():
        return False

    if abs(time.time() - int(stamp)) > tolerance:
        return False

    text = f"{headers.get('webhook-id')}.{stamp}.".encode() + body
    digest = hmac.digest(
        base64.b64decode(key[len("whsec_"):]), text, "sha256"
    )
    expected = b"v1," + base64.b64encode(digest)

    return any(
        hmac.compare_digest(expected, signature.encode())
        for signature in headers.get("webhook-signature", "").split()
    )


@csrf_exempt
@require_POST
def receive(request):
    key = settings.PAYMENTS_SIGN_KEY

    if not key or not is_signed(request.headers, request.body, key):
        return JsonResponse({"error": "Invalid signature"}, status=400)

    event = json.loads(request.body)
    result = events.handle(event["source"], event["id"], event["data"])

    # nginx tries it again; maybe the order is there by then
    status = 404 if result == "unknown" else 200

    return JsonResponse({"status": "OK", "result": result}, status=status)
