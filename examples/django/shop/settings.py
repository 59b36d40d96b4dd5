# Copyright (C) 2026 ngx_http_payments_module contributors

"""Settings; those that differ between machines come from the environment."""

import importlib.util
import os
import pathlib

BASE_DIR = pathlib.Path(__file__).resolve().parent.parent


def secret(name):
    """The first line of the file that a variable names, or nothing."""
    path = os.environ.get(name)
    return pathlib.Path(path).read_text().split("\n")[0] if path else None


SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "only for this example")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("SHOP_HOSTS", "localhost").split(",")

INSTALLED_APPS = ["shop"]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SHOP_DATABASE", BASE_DIR / "db.sqlite3"),
    }
}

# As django-payments has them; shop.providers.Stripe is its StripeProviderV3
# with the checks that it leaves out.

if importlib.util.find_spec("payments"):
    INSTALLED_APPS.append("payments")

PAYMENT_HOST = "shop.example.com"
PAYMENT_USES_SSL = True
PAYMENT_MODEL = "shop.Payment"
PAYMENT_VARIANTS = {
    "stripe": (
        "shop.providers.Stripe",
        {
            "api_key": secret("STRIPE_API_KEY_FILE"),
            "use_token": True,
            "endpoint_secret": secret("STRIPE_ENDPOINT_SECRET_FILE"),
            # Only where nginx has checked, and nobody else can get here
            "secure_endpoint": os.environ.get("SHOP_SECURE_ENDPOINT") != "no",
        },
    ),
}

# d-envelopes.conf: the key that nginx signs with, whsec_...
PAYMENTS_SIGN_KEY = secret("PAYMENTS_SIGN_KEY_FILE")

# c-spool.conf: where process_payments finds the events
PAYMENTS_SPOOL = os.environ.get("PAYMENTS_SPOOL", "/var/spool/payments")
