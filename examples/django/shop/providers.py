# Copyright (C) 2026 ngx_http_payments_module contributors

import json

from django.http import Http404, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect

from . import events

try:
    from payments.stripe import StripeProviderV3
except ImportError:
    from .standin import StripeProviderV3


class Stripe(StripeProviderV3):
    """
    Each event once, the amount and the currency those of the order, and the
    payment one of the URL's variant: StripeProviderV3 looks at none of it.
    """

    def process_data(self, payment, request):
        variant = request.resolver_match.kwargs.get("variant")

        # The payment's own URL is the buyer's, who comes back by it.  An event
        # there could be one of another payment, or nobody's when nginx checks.

        if variant is None:
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD"])

            return redirect(payment.get_success_url())

        # The signature; what it returns is a dict in some versions of stripe
        self.return_event_payload(request)

        event = json.loads(request.body)
        data = events.from_stripe(variant, event)
        source = f"/payments/process/{variant}"

        if events.handle(source, event["id"], data) == "unknown":
            raise Http404

        return JsonResponse({"status": "OK"})
