
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The input is XML.  What is read of it is text, within its bounds, and the
 * same with a comment behind the document, and inside of another element one
 * level down; what is cut off before its end is refused.
 */


#include "fuzz.h"
#include "payments_text.h"
#include "payments_xml.h"


#define WANTED  5


static const payments_field_t  fields[] = {
    { "r.a", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "r.a", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "r.b", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "r.c.d", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "r", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE }
};


static const payments_field_t  deeper[] = {
    { "w.r.a", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "w.r.a", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "w.r.b", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "w.r.c.d", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "w.r", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE }
};


static payments_rc_e
read_xml(const payments_field_t *paths, const char *before,
    payments_str_t xml, const char *after, payments_event_t **event)
{
    payments_rc_e       rc;
    payments_str_t      body;
    unsigned char      *copy;
    payments_schema_t   schema;

    body.len = strlen(before) + xml.len + strlen(after);
    copy = fuzz_alloc(body.len);
    body.data = copy;

    memcpy(copy, before, strlen(before));
    memcpy(copy + strlen(before), xml.data, xml.len);
    memcpy(copy + strlen(before) + xml.len, after, strlen(after));

    property(payments_schema_compile(&schema, paths, WANTED) == 0);

    *event = fuzz_alloc(sizeof(payments_event_t));
    rc = payments_xml_event(&schema, body, *event,
                            fuzz_alloc(sizeof(payments_scratch_t)));

    free(copy);

    return rc;
}


static void
release(payments_event_t *event)
{
    free(event->scratch);
    free(event);
}


static void
same(payments_event_t *a, payments_event_t *b)
{
    unsigned  i;

    for (i = 0; i < WANTED; i++) {
        property(a->values[i].type == b->values[i].type);
        property(fuzz_same(a->values[i].string, b->values[i].string));
    }

    release(b);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned             i;
    payments_rc_e        rc;
    payments_str_t       xml, str;
    unsigned char       *copy;
    payments_event_t    *event, *other;
    payments_scratch_t  *scratch;

    copy = fuzz_copy(data, size);
    xml.data = copy;
    xml.len = size;

    rc = read_xml(fields, "", xml, "", &event);

    if (rc == PAYMENTS_OK) {
        property(payments_utf8_valid(xml.data, xml.len));
        property(memchr(xml.data, '\0', xml.len) == NULL);
        scratch = event->scratch;
        property(scratch->unescaped_len <= PAYMENTS_MAX_UNESCAPED);

        for (i = 0; i < WANTED; i++) {
            str = event->values[i].string;

            property(event->values[i].type == PAYMENTS_NULL
                     || event->values[i].type == PAYMENTS_STRING
                     || event->values[i].type == PAYMENTS_OTHER);
            property(str.len <= PAYMENTS_MAX_STRING);

            if (event->values[i].type == PAYMENTS_STRING) {
                property(str.data >= scratch->unescaped);
                property(str.data + str.len
                         <= scratch->unescaped + scratch->unescaped_len);
                property(payments_utf8_valid(str.data, str.len));
            }
        }

        /* what both a field and a rule want is one */

        property(event->values[0].type != PAYMENTS_STRING
                 || event->values[0].string.data
                    == event->values[1].string.data);

        property(read_xml(fields, "", xml, "<!-- a -->\n", &other)
                 == PAYMENTS_OK);
        same(event, other);

        property(read_xml(fields, "", xml, "<r/>", &other)
                 == PAYMENTS_BAD_XML);
        release(other);

        property(read_xml(fields, "<!DOCTYPE r>", xml, "", &other)
                 == PAYMENTS_BAD_XML);
        release(other);

        /* a declaration, and a mark of the order of bytes, begin a document */

        if (xml.data[0] == '<' && !(size > 1 && xml.data[1] == '?')) {
            rc = read_xml(deeper, "<w>", xml, "</w>", &other);

            property(rc == PAYMENTS_OK || rc == PAYMENTS_TOO_DEEP);

            if (rc == PAYMENTS_OK) {
                same(event, other);

            } else {
                release(other);
            }

            rc = read_xml(deeper, "<w>", xml, "", &other);
            property(rc != PAYMENTS_OK);
            release(other);
        }
    }

    release(event);
    free(copy);

    return 0;
}
