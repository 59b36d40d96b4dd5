
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * What an event is made with is not needed when it has been kept.
 */


#include "payments_event.h"
#include "unit.h"


static payments_scratch_t  scratch;


/* a text behind those that are there */

static payments_str_t
added(unsigned char *room, size_t *used, const char *str)
{
    payments_str_t  text;

    text.data = room + *used;
    text.len = strlen(str);

    memcpy(room + *used, str, text.len);
    *used += text.len;

    return text;
}


static payments_str_t
made(const char *str)
{
    return added(scratch.made, &scratch.made_len, str);
}


static payments_str_t
unescaped(const char *str)
{
    return added(scratch.unescaped, &scratch.unescaped_len, str);
}


static void
is_kept(payments_str_t text, const char *expected)
{
    is_str(text.data, text.len, expected, strlen(expected), "%s", expected);
}


/* another event has the scratch, and the kept one its room and no more */

static void
texts(void)
{
    payments_str_t     body;
    unsigned char     *room;
    payments_event_t   event;

    body = LIT("{\"id\":\"evt_1\"}");

    payments_event_start(&event, &scratch, body);

    event.id = made("sha256:0123");
    event.type = unescaped("a type");
    event.object_id = made("1234567");
    event.token = unescaped("a token");
    event.account = bytes(body.data + 7, 5);
    event.api_version = unescaped("a version");
    event.currency = unescaped("eur");
    event.time = unescaped("2026-11-30T00:00:00Z");

    is_int(payments_event_texts(&event), sizeof("sha256:01231234567a type"
                                                "a tokena versioneur"
                                                "2026-11-30T00:00:00Z") - 1,
           "bytes of its texts");

    room = malloc(payments_event_texts(&event));
    payments_event_keep(&event, room);
    memset(&scratch, 'x', sizeof(scratch));

    is_kept(event.id, "sha256:0123");
    is_kept(event.type, "a type");
    is_kept(event.object_id, "1234567");
    is_kept(event.token, "a token");
    is_kept(event.account, "evt_1");
    is_kept(event.api_version, "a version");
    is_kept(event.currency, "eur");
    is_kept(event.time, "2026-11-30T00:00:00Z");

    ok(event.values == NULL && event.scratch == NULL, "nothing of it is left");

    free(room);
}


/* as most are; and one text may be another, or its part */

static void
none(void)
{
    payments_str_t    body;
    unsigned char     room[8];
    payments_event_t  event;

    body = LIT("{\"id\":\"evt_1\"}");

    payments_event_start(&event, &scratch, body);
    event.id = bytes(body.data + 7, 5);

    is_int(payments_event_texts(&event), 0, "all of it lies in the body");
    payments_event_keep(&event, NULL);
    ok(event.id.data == body.data + 7, "and stays there");
    ok(event.type.data == NULL && event.type.len == 0, "nothing is nothing");

    payments_event_start(&event, &scratch, body);
    event.id = unescaped("evt_1");
    event.token = event.id;
    event.object_id = bytes(event.id.data + 4, 1);

    payments_event_keep(&event, room);
    memset(&scratch, 'x', sizeof(scratch));

    is_kept(event.id, "evt_1");
    is_kept(event.token, "evt_1");
    is_kept(event.object_id, "1");
}


int
main(void)
{
    texts();
    none();

    return done_testing();
}
