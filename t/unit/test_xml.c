
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * XML as an event, and XML that is meant to hurt.
 */


#include <expat.h>

#include "payments_xml.h"
#include "unit.h"


/* LDFLAGS: -Wl,--wrap=XML_ParserCreate */

static payments_schema_t   schema;
static payments_event_t    event;
static payments_scratch_t  scratch;
static size_t              allocated;
static unsigned            left = ~0u;   /* allocations until one fails */


XML_Parser __wrap_XML_ParserCreate(const XML_Char *encoding);


static void *
counted_malloc(size_t size)
{
    allocated += size;

    return left != 0 && left-- ? malloc(size) : NULL;
}


static void *
counted_realloc(void *p, size_t size)
{
    allocated += size;

    return left != 0 && left-- ? realloc(p, size) : NULL;
}


XML_Parser
__wrap_XML_ParserCreate(const XML_Char *encoding)
{
    static const XML_Memory_Handling_Suite  suite = {
        counted_malloc, counted_realloc, free
    };

    return XML_ParserCreate_MM(encoding, &suite, NULL);
}


static const payments_field_t  fields[] = {
    { "n.kind", PAYMENTS_STRING, PAYMENTS_ROLE_TYPE },
    { "n.s.id", PAYMENTS_STRING, PAYMENTS_ROLE_OBJECT },
    { "n.s.list.id", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "n.s.id", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "n.s", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "n.s.list", PAYMENTS_OTHER, PAYMENTS_ROLE_NONE },
    { "n.number", PAYMENTS_INTEGER, PAYMENTS_ROLE_NONE },
    { "n.kind.x", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "n.a", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "n.b", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "n.c", PAYMENTS_STRING, PAYMENTS_ROLE_NONE },
    { "n.d", PAYMENTS_STRING, PAYMENTS_ROLE_NONE }
};


static payments_rc_e
xml_of(payments_str_t body)
{
    payments_rc_e   rc;
    payments_str_t  box;

    box = boxed(body);
    rc = payments_xml_event(&schema, box, &event, &scratch);
    unbox(box);

    return rc;
}


/* a text many times, between two others */

static payments_rc_e
many(const char *before, const char *what, size_t n, const char *after)
{
    char            *p, *buf;
    payments_rc_e    rc;

    buf = malloc(strlen(before) + n * strlen(what) + strlen(after) + 1);
    p = buf + sprintf(buf, "%s", before);

    while (n--) {
        memcpy(p, what, strlen(what));
        p += strlen(what);
    }

    strcpy(p, after);

    rc = xml_of(text(buf));
    free(buf);

    return rc;
}


static void
value_is(unsigned i, const char *expected, const char *name)
{
    is_int(event.values[i].type, PAYMENTS_STRING, "%s: a string", name);
    is_str(event.values[i].string.data, event.values[i].string.len, expected,
           strlen(expected), "%s", name);
}


static void
reads(void)
{
    is_int(xml_of(LIT("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<n>\n"
                      "  <kind>a&amp;b&#x20ac;<!-- c --><![CDATA[<]]></kind>\n"
                      "  <s><other><id>2</id></other><id> 1 </id></s>\n"
                      "  <number type=\"integer\">5</number></n>\n")),
           PAYMENTS_OK, "a document");
    value_is(0, "a&b\xe2\x82\xac<", "references, a comment and a section");
    value_is(1, " 1 ", "a text with its blanks");
    value_is(3, " 1 ", "the same for a rule");
    is_int(event.values[4].type, PAYMENTS_OTHER, "what has elements");
    is_int(event.values[6].type, PAYMENTS_NULL, "no number is made of it");

    is_int(xml_of(LIT("<n><kind/><s><id nil=\"true\"/></s></n>")),
           PAYMENTS_OK, "empty and nil");
    value_is(0, "", "an empty one");
    is_int(event.values[1].type, PAYMENTS_NULL, "a nil one");
    is_int(event.values[3].type, PAYMENTS_NULL, "nor for a rule");

    is_int(xml_of(LIT("<n><s><id nil=\"true\">1</id></s><kind>a</kind></n>")),
           PAYMENTS_OK, "nil with a text");
    is_int(event.values[1].type, PAYMENTS_NULL, "is nil");
    value_is(0, "a", "what comes behind it");

    is_int(xml_of(LIT("<n><s><list type=\"array\"><id>1</id><id>2</id>"
                      "</list><id>3</id></s></n>")),
           PAYMENTS_OK, "a list");
    is_int(event.values[2].type, PAYMENTS_NULL, "no path leads into it");
    is_int(event.values[5].type, PAYMENTS_OTHER, "but there is one");
    value_is(1, "3", "what comes behind it");

    is_int(xml_of(LIT("<n><s><list type=\"array\" nil=\"true\"/></s></n>")),
           PAYMENTS_OK, "no list");
    is_int(event.values[5].type, PAYMENTS_NULL, "is none");

    is_int(xml_of(LIT("<n><kind>a<x>b</x>c</kind></n>")), PAYMENTS_OK,
           "text around an element");
    is_int(event.values[0].type, PAYMENTS_NULL, "is no text");
    value_is(7, "b", "but in it");

    is_int(xml_of(LIT("<m><kind>a</kind></m>")), PAYMENTS_OK, "another root");
    is_int(event.values[0].type, PAYMENTS_NULL, "has other paths");

    is_int(xml_of(LIT("\xef\xbb\xbf<n/>")), PAYMENTS_OK, "with its mark");
}


static void
refuses(void)
{
    size_t  i;

    static const char  *wrong[] = {
        "", " ", "{}", "<n>", "<n></m>", "<n/><n/>", "<n/>a", "<n>&lol;</n>",
        "<n>&#0;</n>", "<n a=\"1\" a=\"2\"/>", "<n a=1/>", "<n>\x01</n>",
        "<!DOCTYPE n><n/>", "<!DOCTYPE n SYSTEM \"file:///etc/passwd\"><n/>",
        "<!DOCTYPE n [<!ENTITY a \"b\">]><n>&a;</n>",
        "<!DOCTYPE n [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
        "<n><kind>&a;</kind></n>",
        "<!DOCTYPE n [<!ENTITY % a SYSTEM \"http://127.0.0.1/\"> %a;]><n/>",
        "<?xml version=\"1.0\"?><!DOCTYPE n [<!ENTITY a \"ha\">"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><n>&c;</n>",
        "\n<?xml version=\"1.0\"?><n/>"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        is_int(xml_of(text(wrong[i])), PAYMENTS_BAD_XML, "%s", wrong[i]);
    }

    is_int(xml_of(LIT("<n>\xff</n>")), PAYMENTS_BAD_UTF8, "no UTF-8");
    is_int(xml_of(LIT("\xff\xfe<\0n\0/\0>\0")), PAYMENTS_BAD_UTF8, "UTF-16");
    is_int(xml_of(LIT("<\0n\0/\0>\0")), PAYMENTS_BAD_XML, "without a mark");
    is_int(xml_of(LIT("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><n/>")),
           PAYMENTS_BAD_UTF8, "another encoding");

    is_int(xml_of(LIT("<n><kind>a</kind><kind>a</kind></n>")),
           PAYMENTS_DUPLICATE_KEY, "twice");
    is_int(xml_of(LIT("<n><s/><s><id>1</id></s></n>")),
           PAYMENTS_DUPLICATE_KEY, "a part of the way twice");
    is_int(xml_of(LIT("<n><s><id nil=\"true\"/><id>1</id></s></n>")),
           PAYMENTS_DUPLICATE_KEY, "nil, and not");
    is_int(xml_of(LIT("<n><m/><m/></n>")), PAYMENTS_OK, "what nobody wants");
}


/* elements a, b, ... with the longest text that there is room for */

static payments_rc_e
together(unsigned n)
{
    char           *p, buf[8 * PAYMENTS_MAX_STRING];
    unsigned        i;
    payments_str_t  text;

    static const char  names[] = "abcd";

    p = buf + sprintf(buf, "<n>");

    for (i = 0; i < n; i++) {
        p += (i < 4) ? sprintf(p, "<%c>", names[i]) : sprintf(p, "<kind>");
        memset(p, 'x', PAYMENTS_MAX_STRING);
        p += PAYMENTS_MAX_STRING;
        p += (i < 4) ? sprintf(p, "</%c>", names[i]) : sprintf(p, "</kind>");
    }

    p += sprintf(p, "</n>");

    text.data = (unsigned char *) buf;
    text.len = p - buf;

    return xml_of(text);
}


static void
bounds(void)
{
    is_int(many("<n><kind>", "x", PAYMENTS_MAX_STRING, "</kind></n>"),
           PAYMENTS_OK, "the longest text");
    is_int(event.values[0].string.len, PAYMENTS_MAX_STRING, "all of it");
    is_int(many("<n><kind>", "x", PAYMENTS_MAX_STRING + 1, "</kind></n>"),
           PAYMENTS_TOO_LONG, "one byte more");
    is_int(many("<n><kind>", "&#65;", PAYMENTS_MAX_STRING + 1, "</kind></n>"),
           PAYMENTS_TOO_LONG, "in pieces");
    is_int(together(4), PAYMENTS_OK, "four of them");
    is_int(together(5), PAYMENTS_TOO_LONG, "and one more");
    is_int(many("<n><s>", "x", 100000, "<id>1</id></s></n>"), PAYMENTS_OK,
           "a long text that is none");
    value_is(1, "1", "what is in it");

    is_int(many("", "<n>", PAYMENTS_MAX_DEPTH, ""), PAYMENTS_BAD_XML,
           "deep, and open");
    is_int(many("", "<n>", PAYMENTS_MAX_DEPTH + 1, ""), PAYMENTS_TOO_DEEP,
           "too deep");
    is_int(many("<n>", "<x/>", PAYMENTS_MAX_ELEMENTS - 1, "</n>"),
           PAYMENTS_OK, "as many elements as there may be");
    is_int(many("<n>", "<x/>", PAYMENTS_MAX_ELEMENTS, "</n>"),
           PAYMENTS_TOO_LONG, "one more");

    is_int(many("<n a=\"", "x", PAYMENTS_MAX_XML - 10, "\"/>"), PAYMENTS_OK,
           "one large attribute");
    is_int(many("<n>", "x", PAYMENTS_MAX_XML, "</n>"), PAYMENTS_TOO_LARGE,
           "too large");
}


/* how much more than the document: each attribute of its own is a record */

static void
memory(void)
{
    char      *buf, *p;
    size_t     len;
    unsigned   i;

    buf = malloc(PAYMENTS_MAX_XML);
    p = buf + sprintf(buf, "<n");

    for (i = 0; p - buf < PAYMENTS_MAX_XML - 32; i++) {
        p += sprintf(p, " a%x=\"\"", i);
    }

    p += sprintf(p, "/>");
    len = p - buf;

    allocated = 0;
    payments_xml_event(&schema, bytes(buf, len), &event, &scratch);

    ok(allocated / len < 64, "%zu times as much memory as attributes",
       allocated / len);

    free(buf);

    /* each allocation that fails, in turn */

    for (i = 0; i < 1000; i++) {
        payments_rc_e  rc;

        left = i;
        rc = payments_xml_event(&schema,
                                LIT("<n><kind>a</kind><s x=\"y\"/></n>"),
                                &event, &scratch);
        left = ~0u;

        if (rc == PAYMENTS_OK) {
            break;
        }

        is_int(rc, PAYMENTS_INTERNAL, "without memory: %u", i);
    }

    ok(i > 1 && i < 1000, "%u allocations", i);
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    if (payments_schema_compile(&schema, fields,
                                sizeof(fields) / sizeof(fields[0])) != 0) {
        return 1;
    }

    reads();
    refuses();
    bounds();
    memory();

    return done_testing();
}
