
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments.h"


static const char  *payments_rc_names[] = {
    [PAYMENTS_OK] = "",
    [PAYMENTS_DUPLICATE] = "",
    [PAYMENTS_EVENT_TYPE] = "event_type",
    [PAYMENTS_MODE] = "mode",
    [PAYMENTS_ACCOUNT] = "account",
    [PAYMENTS_REQUIRED] = "required",
    [PAYMENTS_CHALLENGE] = "challenge",
    [PAYMENTS_UNKNOWN_VARIANT] = "unknown_variant",
    [PAYMENTS_SIDE_DOOR] = "side_door",
    [PAYMENTS_METHOD] = "method",
    [PAYMENTS_ENCODING] = "encoding",
    [PAYMENTS_MISSING_SIGNATURE] = "missing_signature",
    [PAYMENTS_MALFORMED_SIGNATURE] = "malformed_signature",
    [PAYMENTS_TOO_OLD] = "too_old",
    [PAYMENTS_TOO_NEW] = "too_new",
    [PAYMENTS_TOO_LARGE] = "too_large",
    [PAYMENTS_BAD_BODY] = "bad_body",
    [PAYMENTS_NO_BODY] = "no_body",
    [PAYMENTS_NO_MATCH] = "no_match",
    [PAYMENTS_BAD_UTF8] = "bad_utf8",
    [PAYMENTS_BAD_FORM] = "bad_form",
    [PAYMENTS_BAD_JSON] = "bad_json",
    [PAYMENTS_BAD_XML] = "bad_xml",
    [PAYMENTS_TOO_DEEP] = "too_deep",
    [PAYMENTS_TOO_LONG] = "too_long",
    [PAYMENTS_DUPLICATE_KEY] = "duplicate_key",
    [PAYMENTS_BAD_NUMBER] = "bad_number",
    [PAYMENTS_NO_EVENT_ID] = "no_event_id",
    [PAYMENTS_NO_EVENT_TYPE] = "no_event_type",
    [PAYMENTS_SPOOL_FULL] = "spool_full",
    [PAYMENTS_SPOOL_ERROR] = "spool_error",
    [PAYMENTS_QUEUE_FULL] = "queue_full",
    [PAYMENTS_IN_FLIGHT] = "in_flight",
    [PAYMENTS_NO_CERTIFICATE] = "no_certificate",
    [PAYMENTS_UPSTREAM] = "upstream",
    [PAYMENTS_INTERNAL] = "internal"
};


const char *
payments_rc_name(payments_rc_e rc)
{
    return payments_rc_names[rc];
}
