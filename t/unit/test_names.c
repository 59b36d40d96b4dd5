
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_event.h"
#include "payments_provider.h"
#include "unit.h"


static void
result_names(void)
{
    size_t       i;
    int          rc, twin, wrong;
    const char  *name;

    static const struct {
        payments_rc_e  rc;
        const char    *name;
    } tests[] = {
        { PAYMENTS_OK, "" },
        { PAYMENTS_DUPLICATE, "" },
        { PAYMENTS_EVENT_TYPE, "event_type" },
        { PAYMENTS_MODE, "mode" },
        { PAYMENTS_ACCOUNT, "account" },
        { PAYMENTS_REQUIRED, "required" },
        { PAYMENTS_CHALLENGE, "challenge" },
        { PAYMENTS_BAD_FORM, "bad_form" },
        { PAYMENTS_BAD_XML, "bad_xml" },
        { PAYMENTS_UNKNOWN_VARIANT, "unknown_variant" },
        { PAYMENTS_SIDE_DOOR, "side_door" },
        { PAYMENTS_METHOD, "method" },
        { PAYMENTS_ENCODING, "encoding" },
        { PAYMENTS_MISSING_SIGNATURE, "missing_signature" },
        { PAYMENTS_MALFORMED_SIGNATURE, "malformed_signature" },
        { PAYMENTS_TOO_OLD, "too_old" },
        { PAYMENTS_TOO_LARGE, "too_large" },
        { PAYMENTS_NO_MATCH, "no_match" },
        { PAYMENTS_BAD_JSON, "bad_json" },
        { PAYMENTS_TOO_DEEP, "too_deep" },
        { PAYMENTS_NO_EVENT_ID, "no_event_id" },
        { PAYMENTS_SPOOL_FULL, "spool_full" },
        { PAYMENTS_SPOOL_ERROR, "spool_error" },
        { PAYMENTS_QUEUE_FULL, "queue_full" },
        { PAYMENTS_IN_FLIGHT, "in_flight" },
        { PAYMENTS_NO_CERTIFICATE, "no_certificate" },
        { PAYMENTS_UPSTREAM, "upstream" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        name = payments_rc_name(tests[i].rc);
        is_str(name, strlen(name), tests[i].name, strlen(tests[i].name),
               "result %d is \"%s\"", tests[i].rc, tests[i].name);
    }

    wrong = 0;

    for (rc = PAYMENTS_OK + 1; rc < PAYMENTS_RC_MAX; rc++) {
        name = payments_rc_name(rc);

        /* what is not an error */

        if (rc == PAYMENTS_DUPLICATE) {
            continue;
        }

        if (name == NULL || name[0] == '\0'
            || strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")
               != strlen(name))
        {
            diag("result %d has no good name", rc);
            wrong++;
            continue;
        }

        for (twin = PAYMENTS_OK; twin < rc; twin++) {
            wrong += (strcmp(name, payments_rc_name(twin)) == 0);
        }
    }

    is_int(wrong, 0, "every error has a name of its own");
}


static void
status_names(void)
{
    size_t       i;
    const char  *name;

    static const struct {
        payments_status_e  status;
        const char        *name;
    } tests[] = {
        { PAYMENTS_WAITING, "waiting" },
        { PAYMENTS_PREAUTH, "preauth" },
        { PAYMENTS_CONFIRMED, "confirmed" },
        { PAYMENTS_REJECTED, "rejected" },
        { PAYMENTS_REFUNDED, "refunded" },
        { PAYMENTS_ERROR, "error" },
        { PAYMENTS_INPUT, "input" },
        { PAYMENTS_CANCELLED, "cancelled" }
    };

    ok(payments_status_name(PAYMENTS_STATUS_NONE) == NULL,
       "no status has no name");

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        name = payments_status_name(tests[i].status);

        if (!ok(name != NULL, "status %d has a name", tests[i].status)) {
            continue;
        }

        is_str(name, strlen(name), tests[i].name, strlen(tests[i].name),
               "status %s", tests[i].name);
    }
}


static int
found(payments_str_t name)
{
    payments_str_t              box;
    const payments_provider_t  *provider;

    box = boxed(name);
    provider = payments_provider_find(box);
    unbox(box);

    return provider == &payments_stripe;
}


static void
providers(void)
{
    const payments_provider_t  *stripe;

    stripe = &payments_stripe;

    ok(found(LIT("stripe")), "stripe is found");
    ok(payments_provider_find(LIT("strip")) == NULL, "strip is not");
    ok(payments_provider_find(LIT("stripe2")) == NULL, "stripe2 is not");
    ok(payments_provider_find(LIT("Stripe")) == NULL, "Stripe is not");
    ok(payments_provider_find(LIT("stripe\0")) == NULL, "stripe\\0 is not");
    ok(payments_provider_find(LIT("")) == NULL, "an empty name is not");

    is_str(stripe->name.data, stripe->name.len, "stripe", 6, "its name");
    is_str(stripe->scheme->headers[0].name.data,
           stripe->scheme->headers[0].name.len, "stripe-signature", 16,
           "its header, lower case");
}


static void
decimals(void)
{
    size_t  i;

    static const struct {
        const char  *currency;
        unsigned     decimals;
    } tests[] = {
        { "usd", 2 }, { "eur", 2 }, { "gbp", 2 }, { "pln", 2 },

        /* zero-decimal, from Stripe's list */
        { "bif", 0 }, { "clp", 0 }, { "djf", 0 }, { "gnf", 0 }, { "jpy", 0 },
        { "kmf", 0 }, { "krw", 0 }, { "mga", 0 }, { "pyg", 0 }, { "rwf", 0 },
        { "vnd", 0 }, { "vuv", 0 }, { "xaf", 0 }, { "xof", 0 }, { "xpf", 0 },

        /* three-decimal, from Stripe's list */
        { "bhd", 3 }, { "jod", 3 }, { "kwd", 3 }, { "omr", 3 }, { "tnd", 3 },

        /* Stripe's exceptions: sent as if they had two */
        { "isk", 2 }, { "ugx", 2 }, { "huf", 2 }, { "twd", 2 }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(payments_stripe.decimals(text(tests[i].currency)),
               tests[i].decimals, "decimals of %s", tests[i].currency);
    }
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    result_names();
    status_names();
    providers();
    decimals();

    return done_testing();
}
