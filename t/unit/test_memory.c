
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What takes no memory, and what happens without it.
 */


#include "payments_event.h"
#include "payments_json.h"
#include "payments_provider.h"
#include "spool.h"


/* LDFLAGS: -Wl,--wrap=malloc,--wrap=realloc */

#define SEGMENT  "1764020246000000.host.1.0.ndjson"


static int  refused;  /* allocations from now on fail */
static int  granted;  /* but for that many */


void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);


static int
refuse(void)
{
    return refused && granted-- <= 0;
}


void *
__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}


void *
__wrap_realloc(void *p, size_t size)
{
    return refuse() ? NULL : __real_realloc(p, size);
}


/* a key of so many kilobytes, in escapes */

static payments_str_t
escaped(size_t kilobytes)
{
    char    *buf, *p;
    size_t   i;

    p = buf = malloc(6 * 1024 * kilobytes + 64);
    p += sprintf(p, "{\"id\":\"evt_1\",\"type\":\"x\",\"");

    for (i = 0; i < 1024 * kilobytes; i++) {
        p += sprintf(p, "\\u0041");
    }

    p += sprintf(p, "\":1}");

    return bytes(buf, p - buf);
}


static void
reader(void)
{
    payments_str_t     body;
    payments_event_t  *event;

    static payments_schema_t   schema;
    static payments_scratch_t  scratch;

    payments_schema_compile(&schema, payments_stripe.fields,
                            payments_stripe.nfields);

    event = malloc(sizeof(payments_event_t));

    body = escaped(16);

    refused = 1;
    is_int(payments_event_read(&schema, body, event, &scratch),
           PAYMENTS_OK, "no body takes memory");
    refused = 0;

    unbox(body);

    body.len = PAYMENTS_MAX_BODY + 1;
    is_int(payments_event_read(&schema, body, event, &scratch),
           PAYMENTS_TOO_LARGE, "a body over the limit is not looked at");

    free(event);
}


/* a segment that is read twice: for what it has, and for a copy of that */

static void
salvage(void)
{
    int                  rc, n;
    payments_recovery_t  recovery;

    write_file("active", SEGMENT, LIT("no line of ours\n{\"id\":\"1\"}\n"));

    for (n = 0, rc = -1; n < 100; n++) {
        granted = n;
        refused = 1;
        rc = recover(&recovery);
        refused = 0;

        if (rc == 0) {
            break;
        }

        if (access(at("active", SEGMENT), F_OK) != 0 || count("new") != 0) {
            ok(0, "allocation %d: nothing is left half done", n);
            return;
        }
    }

    granted = 0;

    ok(rc == 0 && n > 1, "each of %d allocations is missed", n);
    is_int(recovery.corrupt, 1, "with all of them it is recovered");
    is_int(count("new"), 1, "the good line, too");
    spool_clear();
}


static void
recovery(void)
{
    payments_str_t       got, line;
    payments_recovery_t  recovery;

    line = record(1, NULL);
    write_file("active", SEGMENT, line);

    refused = 1;
    is_int(recover(&recovery), -1, "recovery without memory says so");
    refused = 0;

    is_int(count("active"), 1, "and leaves the segment where it is");

    is_int(recover(&recovery), 0, "it goes on when there is some");

    got = only_file("new");
    is_str(got.data, got.len, line.data, line.len, "nothing is lost");
    unbox(got);
}


int
main(void)
{
    spool_init();

    reader();
    recovery();
    spool_clear();
    salvage();

    spool_clear();
    spool_done();

    return done_testing();
}
