# Copyright (C) 2026 ngx_http_payments_module contributors

"""
What an event does to a payment: once, and only when it fits the order.

An event is the "data" of the module's envelope.  from_stripe() makes the part
of it that is used here of an event as Stripe sends it.
"""

import json
import logging

from django.db import IntegrityError, transaction

from .models import Event, Payment

logger = logging.getLogger(__name__)

# Currencies of Stripe whose smallest unit is not a hundredth
DECIMALS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD JOD KWD OMR TND".split(), 3),
}

# Money that has come in is not undone by an event that comes late
NEXT = {
    "confirmed": {"waiting", "input", "preauth", "rejected", "cancelled"},
    "rejected": {"waiting", "input", "preauth"},
}

SESSIONS = {
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
}


def handle(source, event_id, data):
    """
    Returns what became of an event: "confirmed" or "rejected", "review" when
    what was paid is not what was ordered, "ignored", "duplicate", or "unknown",
    which is not noted: the order may be there when the event comes again.
    """
    with transaction.atomic():
        # First of all, since it also makes others wait that have the same
        try:
            with transaction.atomic():
                event = Event.objects.create(source=source, event_id=event_id)
        except IntegrityError:
            return "duplicate"

        result = apply(data)

        if result == "unknown":
            event.delete()
        else:
            event.result = result
            event.save()

    return result


def apply(data):
    status = data["status"]

    if data["event"] not in SESSIONS or status not in NEXT:
        return "ignored"

    # The URL of a test account must not confirm what is to be paid for real

    payment = (
        Payment.objects.select_for_update()
        .filter(token=data["token"], variant=data["variant"])
        .first()
    )

    if payment is None:
        logger.warning("no payment %s of %s", data["token"], data["variant"])
        return "unknown"

    if payment.status not in NEXT[status]:
        logger.warning("%s: %s, not %s", payment.token, payment.status, status)
        return "ignored"

    if status == "confirmed":
        paid = data["amount"], (data["currency"] or "").upper()
        ordered = smallest_units(payment), payment.currency.upper()

        if paid != ordered:
            message = "paid: {} {}, ordered: {} {}".format(*paid, *ordered)
            logger.error("%s: %s", payment.token, message)
            payment.change_fraud_status("review", message)
            return "review"

        payment.captured_amount = payment.total

    session = data["payload"]["data"]["object"]

    payment.transaction_id = session["id"]
    payment.extra_data = json.dumps({"session": session})
    payment.save()
    payment.change_status(status)

    return status


def smallest_units(payment):
    decimals = DECIMALS.get(payment.currency.upper(), 2)

    return payment.total.scaleb(decimals)


def from_stripe(variant, event):
    session = event["data"]["object"]
    name = event["type"]

    if session.get("status") == "expired" or name.endswith("_payment_failed"):
        status = "rejected"
    elif session.get("payment_status") in ("paid", "no_payment_required"):
        status = "confirmed"
    else:
        status = "waiting"

    return {
        "variant": variant,
        "event": name,
        "status": status,
        "token": session.get("client_reference_id"),
        "amount": session.get("amount_total"),
        "currency": session.get("currency"),
        "payload": event,
    }
