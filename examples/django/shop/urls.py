# Copyright (C) 2026 ngx_http_payments_module contributors

from django.urls import include, path

from . import envelopes, views

try:
    import payments.urls as process
except ImportError:
    from . import standin as process

urlpatterns = [
    # process/<uuid:token>/ and process/<variant>/
    path("payments/", include(process)),
    path("payments/events/", envelopes.receive),
    path("thanks/<uuid:token>/", views.thanks, name="thanks"),
]
