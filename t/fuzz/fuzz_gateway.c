
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is a gateway's name, a line break and a body, which nobody has
 * signed yet.  What is made of it stays within the rooms that it is given, and
 * the line of an event is read back as what was written.
 */


#include "fuzz.h"
#include "payments_base64.h"
#include "payments_envelope.h"
#include "payments_items.h"
#include "payments_provider.h"


typedef struct {
    const payments_provider_t  *provider;
    payments_schema_t           schema;
    payments_post_t             post;
    payments_str_t              sent[PAYMENTS_SENT_MAX];
} fuzz_gateway_t;


static int
within(payments_str_t str, const unsigned char *room, size_t len)
{
    return str.len == 0
           || (str.data >= room && str.data + str.len <= room + len);
}


/* the payload as a line has it */

static payments_str_t
payload_of(const fuzz_gateway_t *gateway, payments_str_t json)
{
    payments_str_t   payload, body;
    unsigned char   *p;

    if (gateway->provider->media.len == 0) {
        payload.data = fuzz_copy(json.data, json.len);
        payload.len = json.len;
        payments_envelope_flatten((unsigned char *) payload.data, json.len);

        return payload;
    }

    body = gateway->post.body;

    payload.len = PAYMENTS_BASE64_LEN(body.len) + 2;
    p = fuzz_alloc(payload.len);
    payload.data = p;

    *p++ = '"';
    p = payments_base64_encode(p, body);
    *p++ = '"';

    property(p == payload.data + payload.len);

    return payload;
}


static void
check_line(payments_str_t line, const payments_event_t *event)
{
    payments_unwrapped_t  *read;

    property(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
    property(memchr(line.data, '\r', line.len) == NULL);

    read = fuzz_alloc(sizeof(payments_unwrapped_t));

    property(payments_envelope_read(line, read) == PAYMENTS_OK);
    property(fuzz_same(read->id, event->id));
    property(fuzz_same(read->type, event->type));
    property(fuzz_same(read->token, event->token));

    free(read);
}


static void
write_line(const fuzz_gateway_t *gateway, payments_event_t *event,
    payments_str_t json)
{
    size_t                len, bound, tail;
    payments_str_t        payload, line;
    unsigned char        *p, *texts, *head;
    payments_scratch_t   *scratch;
    payments_envelope_t   envelope;

    scratch = event->scratch;
    len = payments_event_texts(event);
    texts = fuzz_alloc(len);
    payments_event_keep(event, texts);

    /* nothing of it is needed any more */

    memset(scratch, 0x5a, sizeof(payments_scratch_t));

    envelope.variant = fuzz_text("shop");
    envelope.provider = gateway->provider;
    envelope.signed_by = gateway->provider->signed_by;
    envelope.received = 1764020246000;

    bound = payments_envelope_bound(&envelope, event);
    property(bound <= PAYMENTS_ENVELOPE_HEAD);

    head = fuzz_alloc(bound);
    len = payments_envelope_head(&envelope, event, head);
    property(len <= bound);

    payload = payload_of(gateway, json);
    tail = sizeof(PAYMENTS_ENVELOPE_TAIL) - 1;

    line.len = len + payload.len + tail;
    p = fuzz_alloc(line.len);
    line.data = p;

    memcpy(p, head, len);
    memcpy(p + len, payload.data, payload.len);
    memcpy(p + len + payload.len, PAYMENTS_ENVELOPE_TAIL, tail);

    check_line(line, event);

    free(p);
    free((unsigned char *) payload.data);
    free(head);
    free(texts);
}


static payments_rc_e
read_event(const fuzz_gateway_t *gateway, payments_str_t json,
    payments_event_t *event, payments_scratch_t *scratch)
{
    payments_rc_e               rc;
    const payments_provider_t  *provider;

    provider = gateway->provider;

    memset(scratch, 0xa5, sizeof(payments_scratch_t));

    rc = (provider->read != NULL)
         ? provider->read(&gateway->schema, json, event, scratch)
         : payments_event_read(&gateway->schema, json, event, scratch);

    if (rc == PAYMENTS_OK) {
        scratch->sent_type = gateway->sent[PAYMENTS_SENT_TYPE];
    }

    return rc;
}


static void
make(const fuzz_gateway_t *gateway, payments_event_t *event,
    payments_str_t json)
{
    payments_rc_e  rc;

    rc = gateway->provider->normalize(gateway->provider, event);

    if (rc == PAYMENTS_OK) {
        property(event->id.len != 0 && event->type.len != 0);
        write_line(gateway, event, json);

    } else {
        property(rc != PAYMENTS_INTERNAL);
    }
}


static void
items(const fuzz_gateway_t *gateway, payments_event_t *whole)
{
    unsigned             i;
    payments_post_t      post;
    payments_items_t    *split;
    payments_event_t    *event;
    payments_scratch_t  *scratch;

    split = fuzz_alloc(sizeof(payments_items_t));
    event = fuzz_alloc(sizeof(payments_event_t));
    scratch = fuzz_alloc(sizeof(payments_scratch_t));

    post = gateway->post;
    post.room = fuzz_alloc(PAYMENTS_MAX_COVERED);

    if (payments_items_split(post.payload, gateway->provider->list,
                             gateway->provider->item, split)
        != PAYMENTS_OK)
    {
        split->n = 0;
    }

    for (i = 0; i < split->n; i++) {

        if (read_event(gateway, split->items[i], event, scratch)
            != PAYMENTS_OK)
        {
            continue;
        }

        if (gateway->provider->open != NULL) {

            if (gateway->provider->open(whole, event, &post) != PAYMENTS_OK) {
                continue;
            }

            property(within(post.covered, post.room, PAYMENTS_MAX_COVERED));
        }

        make(gateway, event, split->items[i]);
    }

    free(post.room);
    free(scratch);
    free(event);
    free(split);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               room;
    const uint8_t       *body;
    payments_str_t       name;
    payments_post_t     *post;
    fuzz_gateway_t       gateway;
    payments_event_t    *event;
    payments_scratch_t  *scratch;

    body = size != 0 ? memchr(data, '\n', size) : NULL;
    if (body == NULL) {
        return 0;
    }

    memset(&gateway, 0, sizeof(fuzz_gateway_t));

    name.data = data;
    name.len = body - data;

    gateway.provider = payments_provider_find(name);
    if (gateway.provider == NULL) {
        return 0;
    }

    body++;
    size -= body - data;

    property(payments_schema_compile(&gateway.schema, gateway.provider->fields,
                                     gateway.provider->nfields)
             == 0);

    if (payments_scheme_reads(gateway.provider->scheme, PAYMENTS_SENT_TYPE)) {
        gateway.sent[PAYMENTS_SENT_TYPE] = fuzz_text("orders/paid");
    }

    room = 2 * size;
    post = &gateway.post;

    post->body.data = fuzz_copy(body, size);
    post->body.len = size;
    post->covered = post->body;
    post->payload = post->body;
    post->sent = gateway.sent;
    post->room = fuzz_alloc(room);

    event = fuzz_alloc(sizeof(payments_event_t));
    scratch = fuzz_alloc(sizeof(payments_scratch_t));

    if (gateway.provider->unwrap == NULL
        || gateway.provider->unwrap(gateway.provider, post) == PAYMENTS_OK)
    {
        property(within(post->covered, post->room, room)
                 || within(post->covered, post->body.data, post->body.len));
        property(within(post->payload, post->room, room)
                 || within(post->payload, post->body.data, post->body.len));

        if (read_event(&gateway, post->payload, event, scratch)
            == PAYMENTS_OK)
        {
            if (gateway.provider->list != NULL) {
                items(&gateway, event);
            }

            make(&gateway, event, post->payload);
        }
    }

    free(scratch);
    free(event);
    free(post->room);
    free((unsigned char *) post->body.data);

    return 0;
}
