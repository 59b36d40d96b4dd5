
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of many events, cut into them; and what Adyen signs of one.
 */


#include "payments_items.h"
#include "payments_provider.h"
#include "unit.h"


static payments_items_t    out;
static payments_scratch_t  scratch, spare;


/* with the items that there are, a "|" behind each; NULL: there is no list */

static void
split_is(const char *body, const char *item, payments_rc_e rc,
    const char *items)
{
    char            buf[512], *p;
    size_t          i;
    payments_str_t  box;

    box = boxed(text(body));
    memset(&out, 0xa5, sizeof(out));

    if (!is_int(payments_items_split(box, "list", item, &out), rc, "%s",
                body)
        || rc != PAYMENTS_OK)
    {
        unbox(box);
        return;
    }

    is_int(out.listed, items != NULL, "whether it has a list");

    p = buf;
    *p = '\0';

    for (i = 0; i < out.n; i++) {
        p += sprintf(p, "%.*s|", (int) out.items[i].len, out.items[i].data);
    }

    if (items != NULL) {
        is_str(buf, strlen(buf), items, strlen(items), "its items");
    }

    unbox(box);
}


static void
lists(void)
{
    split_is("{\"list\":[]}", NULL, PAYMENTS_OK, "");
    split_is(" { \"list\" : [ ] } ", NULL, PAYMENTS_OK, "");
    split_is("{\"list\":[{}]}", NULL, PAYMENTS_OK, "{}|");
    split_is("\n{\"a\":[1,{\"list\":[{\"b\":2}]}],\"list\":\t[ {\"c\" :3} ,\r"
             "{\"d\":[4]}\n]}", NULL, PAYMENTS_OK, "{\"c\" :3}|{\"d\":[4]}|");
    split_is("{\"list\":[{\"a\":\"}]{\\\"\"},{\"b\\\\\":\"\\\\\"}]}", NULL,
             PAYMENTS_OK, "{\"a\":\"}]{\\\"\"}|{\"b\\\\\":\"\\\\\"}|");
    split_is("{\"l\\u0069st\":[{}]}", NULL, PAYMENTS_OK, "{}|");
    split_is("{\"\\u006C\\u0069\\u0073\\u0074\":[{}]}", NULL, PAYMENTS_OK,
             "{}|");
    split_is("{\"a\":1,\"b\":true,\"c\":-1.5e3,\"list\":[{}],\"d\":null}",
             NULL, PAYMENTS_OK, "{}|");

    /* another name */

    split_is("{}", NULL, PAYMENTS_OK, NULL);
    split_is("{\"a\":{\"list\":[{}]}}", NULL, PAYMENTS_OK, NULL);
    split_is("{\"lists\":[{}],\"lis\":[{}],\"\":[{}],\"List\":[{}],"
             "\"\\\\u006cist\":[{}],\"l\\\"st\":[{}],\"list\\u0000\":[{}]}",
             NULL, PAYMENTS_OK, NULL);
    split_is("{\"a\":\"list\",\"b\":[\"list\",[{}]]}", NULL, PAYMENTS_OK,
             NULL);

    split_is("{\"list\":[],\"list\":[]}", NULL, PAYMENTS_DUPLICATE_KEY, NULL);
    split_is("{\"list\":[],\"\\u006cist\":[]}", NULL, PAYMENTS_DUPLICATE_KEY,
             NULL);

    /* of something else */

    split_is("{\"list\":{}}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":null}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":\"[{}]\"}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[1]}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[{},\"{}\"]}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[[{}]]}", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("[]", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("\"list\"", NULL, PAYMENTS_BAD_JSON, NULL);
    split_is("", NULL, PAYMENTS_BAD_JSON, NULL);
}


static void
wrapped(void)
{
    split_is("{\"list\":[{\"e\":{\"a\":1}},{\"x\":{\"e\":2},\"e\" : {}}]}",
             "e", PAYMENTS_OK, "{\"a\":1}|{}|");
    split_is("{\"list\":[]}", "e", PAYMENTS_OK, "");
    split_is("{\"list\":[{\"e\":{}},{}]}", "e", PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[{\"e\":[]}]}", "e", PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[{\"e\":\"{\"}]}", "e", PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[\"e\"]}", "e", PAYMENTS_BAD_JSON, NULL);
    split_is("{\"list\":[{\"e\":{},\"e\":{}}]}", "e", PAYMENTS_DUPLICATE_KEY,
             NULL);
    split_is("{\"list\":[{\"e\":{\"e\":1}}]}", "e", PAYMENTS_OK,
             "{\"e\":1}|");
}


/* what is no JSON has been refused before: it is not read beyond, no more */

static void
broken(void)
{
    size_t          i, k;
    payments_rc_e   rc;
    payments_str_t  whole, box;

    static const char  bytes_of[] = "\"\\{}[],:u \0x";

    whole = LIT("{\"a\":\"\\u0041\",\"l\\u0069st\":[{\"e\":{\"b\":[1,2]}},"
                "{\"e\":{}}]}");

    for (i = 0; i < whole.len; i++) {
        box = boxed(bytes(whole.data, i));
        rc = payments_items_split(box, "list", "e", &out);
        unbox(box);

        if (rc != PAYMENTS_BAD_JSON) {
            ok(0, "the first %zu bytes", i);
        }
    }

    for (i = 0; i < whole.len; i++) {
        for (k = 0; k < sizeof(bytes_of) - 1; k++) {
            box = boxed(whole);
            ((unsigned char *) box.data)[i] = bytes_of[k];
            rc = payments_items_split(box, "list", "e", &out);

            if (rc == PAYMENTS_OK && out.listed && out.n > 2) {
                ok(0, "byte %zu as \"%c\"", i, bytes_of[k]);
            }

            unbox(box);
        }
    }

    ok(1, "broken bodies");
}


static void
many(void)
{
    char      *body, *p;
    unsigned   i, n;

    body = malloc(4 * PAYMENTS_MAX_ITEMS + 64);

    for (n = PAYMENTS_MAX_ITEMS; n <= PAYMENTS_MAX_ITEMS + 1; n++) {
        p = body + sprintf(body, "{\"list\":[{}");

        for (i = 1; i < n; i++) {
            p += sprintf(p, ",{}");
        }

        sprintf(p, "]}");

        is_int(payments_items_split(text(body), "list", NULL, &out),
               n == PAYMENTS_MAX_ITEMS ? PAYMENTS_OK : PAYMENTS_TOO_LARGE,
               "%u items", n);
    }

    free(body);
}


/*
 * The signed message of an item: NULL when it is refused, as one that could be
 * another event's
 */

static void
covers(const char *item, const char *message)
{
    payments_rc_e      rc;
    payments_str_t     box, sent[PAYMENTS_SENT_MAX];
    payments_post_t    post;
    unsigned char     *room;
    payments_event_t  *event, *whole;

    static payments_schema_t  schema;

    event = malloc(sizeof(payments_event_t));
    whole = malloc(sizeof(payments_event_t));
    payments_event_start(whole, &spare, LIT("{}"));
    room = malloc(PAYMENTS_MAX_COVERED);

    memset(&post, 0, sizeof(post));
    memset(sent, 0, sizeof(sent));
    post.sent = sent;
    post.room = room;

    box = boxed(text(item));

    payments_schema_compile(&schema, payments_adyen.fields,
                            payments_adyen.nfields);
    is_int(payments_event_read(&schema, box, event, &scratch),
           PAYMENTS_OK, "%s", item);

    rc = payments_adyen.open(whole, event, &post);

    is_int(rc, message != NULL ? PAYMENTS_OK : PAYMENTS_MALFORMED_SIGNATURE,
           "whether its message is one");

    if (message != NULL) {
        is_str(post.covered.data, post.covered.len, message, strlen(message),
               "its message");
    }

    unbox(box);
    free(room);
    free(whole);
    free(event);
}


static void
adyen(void)
{
    size_t  i;
    char    item[8 * (PAYMENTS_MAX_STRING + 32)], *p;

    static const char  *fields[] = {
        "pspReference", "originalReference", "merchantAccountCode",
        "merchantReference", "eventCode"
    };

    covers("{\"pspReference\":\"p\",\"originalReference\":\"o\","
           "\"merchantAccountCode\":\"m\",\"merchantReference\":\"r:\\\\/\","
           "\"amount\":{\"value\":1130,\"currency\":\"EUR\"},"
           "\"eventCode\":\"C\",\"success\":\"true\"}",
           "p:o:m:r:\\/:1130:EUR:C:true");
    covers("{\"success\":\"false\"}", ":::::::false");
    covers("{\"amount\":{\"value\":\"0100\"},\"success\":\"true\"}",
           "::::0100:::true");
    covers("{\"amount\":{\"value\":-9223372036854775808},"
           "\"success\":\"true\"}", "::::-9223372036854775808:::true");

    covers("{}", NULL);
    covers("{\"success\":true}", NULL);
    covers("{\"success\":\"\"}", NULL);
    covers("{\"success\":\"x}\"}", NULL);
    covers("{\"success\":\"true\",\"pspReference\":\"a:b\"}", NULL);
    covers("{\"success\":\"true\",\"originalReference\":\":\"}", NULL);
    covers("{\"success\":\"true\",\"merchantAccountCode\":\"a:\"}", NULL);
    covers("{\"success\":\"true\",\"amount\":{\"value\":\"1:1\"}}", NULL);
    covers("{\"success\":\"true\",\"amount\":{\"currency\":\":a\"}}", NULL);
    covers("{\"success\":\"true\",\"eventCode\":\"a:b\"}", NULL);

    /* the longest: of six texts, and the rest */

    p = item + sprintf(item, "{\"success\":\"true\"");

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        p += sprintf(p, ",\"%s\":\"%0*d\"", fields[i], PAYMENTS_MAX_STRING,
                     0);
    }

    sprintf(p, ",\"amount\":{\"value\":\"%0*d\",\"currency\":\"%0*d\"}}",
            PAYMENTS_MAX_STRING, 0, PAYMENTS_MAX_STRING, 0);

    p = malloc(PAYMENTS_MAX_COVERED);
    sprintf(p, "%0*d:%0*d:%0*d:%0*d:%0*d:%0*d:%0*d:true",
            PAYMENTS_MAX_STRING, 0, PAYMENTS_MAX_STRING, 0,
            PAYMENTS_MAX_STRING, 0, PAYMENTS_MAX_STRING, 0,
            PAYMENTS_MAX_STRING, 0, PAYMENTS_MAX_STRING, 0,
            PAYMENTS_MAX_STRING, 0);
    covers(item, p);
    free(p);
}


/* nor does anything stand for what is signed and not there */

static void
stands_in(void)
{
    unsigned char     *room;
    payments_str_t     body, sent[PAYMENTS_SENT_MAX];
    payments_post_t    post;
    payments_event_t  *event, *whole;

    static payments_schema_t  schema;

    event = malloc(sizeof(payments_event_t));
    whole = malloc(sizeof(payments_event_t));
    room = malloc(PAYMENTS_MAX_COVERED);

    memset(&post, 0, sizeof(post));
    memset(sent, 0, sizeof(sent));
    post.sent = sent;
    post.room = room;

    payments_schema_compile(&schema, payments_adyen.fields,
                            payments_adyen.nfields);

    body = LIT("{\"live\":\"true\"}");
    payments_event_read(&schema, body, whole, &spare);

    body = LIT("{\"pspReference\":\"p\",\"eventCode\":\"C\","
               "\"success\":\"true\",\"type\":\"t\",\"eventId\":\"e\","
               "\"live\":\"false\",\"environment\":\"test\",\"data\":"
               "{\"reference\":\"r\",\"merchantAccount\":\"m\",\"amount\":"
               "{\"value\":1,\"currency\":\"EUR\"}}}");
    payments_event_read(&schema, body, event, &scratch);

    is_int(payments_adyen.open(whole, event, &post), PAYMENTS_OK, "an item");
    is_int(payments_adyen.normalize(&payments_adyen, event), PAYMENTS_OK,
           "an event");
    is_str(event->id.data, event->id.len, "p:C:true", 8, "its id");
    is_int(event->amount.type, PAYMENTS_NULL, "no amount");
    is_int(event->currency.len, 0, "no currency");
    is_int(event->token.len, 0, "no token");
    is_int(event->account.len, 0, "no account");
    is_int(event->livemode.integer, 1, "live as the whole body is");

    free(room);
    free(whole);
    free(event);
}


/* no more than an envelope has room for */

static void
joined(void)
{
    payments_str_t     parts[2], str;
    payments_event_t  *event;
    unsigned char      longest[PAYMENTS_MAX_STRING];

    event = malloc(sizeof(payments_event_t));
    payments_event_start(event, &scratch, LIT("{}"));
    memset(longest, 'x', sizeof(longest));

    parts[0] = bytes(longest, sizeof(longest) - 1);
    parts[1] = LIT("y");

    is_int(payments_normalize_join(event, parts, 2, &str), PAYMENTS_OK,
           "the longest");
    is_int(str.len, PAYMENTS_MAX_STRING, "is so long");
    is_int(str.data[0], 'x', "its first byte");
    is_int(str.data[str.len - 1], 'y', "its last byte");

    parts[1] = LIT("yy");
    is_int(payments_normalize_join(event, parts, 2, &str), PAYMENTS_TOO_LONG,
           "one byte more");

    scratch.unescaped_len = PAYMENTS_MAX_UNESCAPED - 1;
    is_int(payments_normalize_join(event, parts + 1, 1, &str),
           PAYMENTS_TOO_LONG, "no room");

    parts[1] = LIT("y");
    is_int(payments_normalize_join(event, parts + 1, 1, &str), PAYMENTS_OK,
           "the last byte");

    free(event);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    lists();
    wrapped();
    broken();
    many();
    adyen();
    stands_in();
    joined();

    return done_testing();
}
