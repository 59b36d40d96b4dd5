
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of Stripe's on stdin, its envelope on stdout; or the reason on
 * stderr, and exit status 1.
 */


#include <stdio.h>
#include <stdlib.h>

#include "payments_envelope.h"
#include "payments_event.h"
#include "payments_provider.h"


static int
refuse(const char *reason)
{
    fprintf(stderr, "%s\n", reason);

    return 1;
}


static size_t
slurp(unsigned char *buf, size_t size)
{
    size_t  len, n;

    len = 0;

    do {
        n = fread(buf + len, 1, size - len, stdin);
        len += n;
    } while (n != 0);

    return len;
}


int
main(void)
{
    size_t               len;
    unsigned char       *body, *head;
    payments_rc_e        rc;
    payments_str_t       str;
    payments_schema_t    schema;
    payments_envelope_t  envelope;

    static payments_event_t    event;
    static payments_scratch_t  scratch;

    if (payments_schema_compile(&schema, payments_stripe.fields,
                                payments_stripe.nfields)
        != 0)
    {
        return refuse("schema");
    }

    body = malloc(PAYMENTS_MAX_BODY);
    if (body == NULL) {
        return refuse("no memory");
    }

    str.len = slurp(body, PAYMENTS_MAX_BODY);
    str.data = body;

    rc = payments_event_read(&schema, str, &event, &scratch);

    if (rc == PAYMENTS_OK) {
        rc = payments_stripe.normalize(&payments_stripe, &event);
    }

    if (rc != PAYMENTS_OK) {
        free(body);
        return refuse(payments_rc_name(rc));
    }

    envelope.variant = payments_stripe.name;
    envelope.provider = &payments_stripe;
    envelope.signed_by.len = sizeof("body") - 1;
    envelope.signed_by.data = (const unsigned char *) "body";
    envelope.received = INT64_C(1764020247104);

    head = malloc(payments_envelope_bound(&envelope, &event));
    if (head == NULL) {
        free(body);
        return refuse("no memory");
    }

    len = payments_envelope_head(&envelope, &event, head);
    payments_envelope_flatten(body, str.len);

    fwrite(head, 1, len, stdout);
    fwrite(body, 1, str.len, stdout);
    fputs(PAYMENTS_ENVELOPE_TAIL, stdout);

    free(head);
    free(body);

    return fflush(stdout) != 0;
}
