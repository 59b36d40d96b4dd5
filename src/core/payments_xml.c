
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>
#include <strings.h>
#include <expat.h>

#include "payments_xml.h"


#define PAYMENTS_NO_NODE  -1


typedef struct {
    const payments_schema_t  *schema;
    payments_event_t         *event;
    payments_scratch_t       *scratch;
    XML_Parser                parser;
    payments_rc_e             rc;

    uint64_t                  seen;      /* nodes that have had an element */
    unsigned                  elements;
    unsigned                  depth;
    int                       nodes[PAYMENTS_MAX_DEPTH + 1];

    unsigned                  leaf;      /* the innermost one, so far, */
    unsigned                  nil;       /* and its text: */
    unsigned                  overlong;
    size_t                    start;     /* in scratch->unescaped */
} payments_xml_t;


static XML_Parser payments_xml_parser(payments_xml_t *xml);
static void XMLCALL payments_xml_declaration(void *data,
    const XML_Char *version, const XML_Char *encoding, int standalone);
static void XMLCALL payments_xml_doctype(void *data, const XML_Char *name,
    const XML_Char *sysid, const XML_Char *pubid, int internal);
static void XMLCALL payments_xml_open(void *data, const XML_Char *name,
    const XML_Char **attributes);
static int payments_xml_node(payments_xml_t *xml, const XML_Char *name);
static int payments_xml_is(const XML_Char **attributes, const char *name,
    const char *value);
static void XMLCALL payments_xml_text(void *data, const XML_Char *p,
    int len);
static void XMLCALL payments_xml_close(void *data, const XML_Char *name);
static void payments_xml_value(payments_xml_t *xml, int node);
static payments_rc_e payments_xml_error(enum XML_Error error);
static void payments_xml_refuse(payments_xml_t *xml, payments_rc_e rc);


payments_rc_e
payments_xml_event(const payments_schema_t *schema, payments_str_t body,
    payments_event_t *event, payments_scratch_t *scratch)
{
    payments_xml_t  xml;

    payments_event_start(event, scratch, body);
    memset(&xml, 0, sizeof(payments_xml_t));

    if (body.len > PAYMENTS_MAX_XML) {
        return PAYMENTS_TOO_LARGE;
    }

    if (!payments_utf8_valid(body.data, body.len)) {
        return PAYMENTS_BAD_UTF8;
    }

    /* expat would take it for UTF-16, whatever it is told */

    if (body.len != 0 && memchr(body.data, '\0', body.len) != NULL) {
        return PAYMENTS_BAD_XML;
    }

    xml.schema = schema;
    xml.event = event;
    xml.scratch = scratch;
    xml.nodes[0] = 0;

    xml.parser = payments_xml_parser(&xml);
    if (xml.parser == NULL) {
        return PAYMENTS_INTERNAL;
    }

    /* in one piece, so that nothing of it is copied or looked at twice */

    if (XML_Parse(xml.parser, (const char *) body.data, body.len, 1)
            != XML_STATUS_OK
        && xml.rc == PAYMENTS_OK)
    {
        xml.rc = payments_xml_error(XML_GetErrorCode(xml.parser));
    }

    XML_ParserFree(xml.parser);

    return xml.rc;
}


/* the encoding is not the document's to choose */

static XML_Parser
payments_xml_parser(payments_xml_t *xml)
{
    XML_Parser  parser;

    parser = XML_ParserCreate("UTF-8");
    if (parser == NULL) {
        return NULL;
    }

    XML_SetUserData(parser, xml);
    XML_SetXmlDeclHandler(parser, payments_xml_declaration);
    XML_SetStartDoctypeDeclHandler(parser, payments_xml_doctype);
    XML_SetElementHandler(parser, payments_xml_open, payments_xml_close);
    XML_SetCharacterDataHandler(parser, payments_xml_text);

    return parser;
}


static void XMLCALL
payments_xml_declaration(void *data, const XML_Char *version,
    const XML_Char *encoding, int standalone)
{
    (void) version;
    (void) standalone;

    if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0) {
        payments_xml_refuse(data, PAYMENTS_BAD_UTF8);
    }
}


/* before anything of it is read: entities would be declared in it */

static void XMLCALL
payments_xml_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
    const XML_Char *pubid, int internal)
{
    (void) name;
    (void) sysid;
    (void) pubid;
    (void) internal;

    payments_xml_refuse(data, PAYMENTS_BAD_XML);
}


static void XMLCALL
payments_xml_open(void *data, const XML_Char *name,
    const XML_Char **attributes)
{
    payments_xml_t *xml = data;

    int  node;

    if (xml->rc != PAYMENTS_OK) {
        return;
    }

    if (++xml->elements > PAYMENTS_MAX_ELEMENTS) {
        payments_xml_refuse(xml, PAYMENTS_TOO_LONG);
        return;
    }

    if (xml->depth == PAYMENTS_MAX_DEPTH) {
        payments_xml_refuse(xml, PAYMENTS_TOO_DEEP);
        return;
    }

    /* what lies around it is no text */

    if (xml->leaf) {
        xml->scratch->unescaped_len = xml->start;
    }

    node = payments_xml_node(xml, name);

    xml->leaf = 1;
    xml->nil = payments_xml_is(attributes, "nil", "true");
    xml->overlong = 0;
    xml->start = xml->scratch->unescaped_len;

    if (node != PAYMENTS_NO_NODE
        && payments_xml_is(attributes, "type", "array"))
    {
        xml->leaf = 0;

        if (!xml->nil) {
            payments_xml_value(xml, node);
        }

        node = PAYMENTS_NO_NODE;
    }

    xml->nodes[++xml->depth] = node;
}


static int
payments_xml_node(payments_xml_t *xml, const XML_Char *name)
{
    int             node;
    uint64_t        bit;
    payments_str_t  key;

    node = xml->nodes[xml->depth];

    if (node == PAYMENTS_NO_NODE) {
        return PAYMENTS_NO_NODE;
    }

    key.len = strlen(name);
    key.data = (const unsigned char *) name;

    node = payments_schema_child(xml->schema, node, key);

    if (node == PAYMENTS_NO_NODE) {
        return PAYMENTS_NO_NODE;
    }

    /* readers disagree on which of two counts */

    bit = UINT64_C(1) << node;

    if (xml->seen & bit) {
        payments_xml_refuse(xml, PAYMENTS_DUPLICATE_KEY);
    }

    xml->seen |= bit;

    return node;
}


static int
payments_xml_is(const XML_Char **attributes, const char *name,
    const char *value)
{
    for ( /* void */ ; attributes[0] != NULL; attributes += 2) {
        if (strcmp(attributes[0], name) == 0) {
            return strcmp(attributes[1], value) == 0;
        }
    }

    return 0;
}


/* it comes in pieces: a line, a reference, a section */

static void XMLCALL
payments_xml_text(void *data, const XML_Char *p, int len)
{
    payments_xml_t *xml = data;

    int                  node;
    payments_scratch_t  *scratch;

    scratch = xml->scratch;
    node = xml->nodes[xml->depth];

    if (xml->rc != PAYMENTS_OK || !xml->leaf || xml->overlong
        || node == PAYMENTS_NO_NODE
        || (xml->schema->nodes[node].field == -1
            && xml->schema->nodes[node].rule == -1))
    {
        return;
    }

    if ((size_t) len > PAYMENTS_MAX_STRING
                       - (scratch->unescaped_len - xml->start))
    {
        xml->overlong = 1;
        scratch->unescaped_len = xml->start;
        return;
    }

    if ((size_t) len > PAYMENTS_MAX_UNESCAPED - scratch->unescaped_len) {
        payments_xml_refuse(xml, PAYMENTS_TOO_LONG);
        return;
    }

    memcpy(scratch->unescaped + scratch->unescaped_len, p, len);
    scratch->unescaped_len += len;
}


static void XMLCALL
payments_xml_close(void *data, const XML_Char *name)
{
    payments_xml_t *xml = data;

    int  node;

    (void) name;

    if (xml->rc != PAYMENTS_OK) {
        return;
    }

    node = xml->nodes[xml->depth--];

    if (xml->leaf && xml->nil) {
        xml->scratch->unescaped_len = xml->start;

    } else if (node != PAYMENTS_NO_NODE) {
        payments_xml_value(xml, node);
    }

    xml->leaf = 0;
}


/* of the element that ends, or is a list: a rule is told of any */

static void
payments_xml_value(payments_xml_t *xml, int node)
{
    int               field, rule;
    payments_value_t  value;

    memset(&value, 0, sizeof(payments_value_t));

    rule = xml->schema->nodes[node].rule;
    field = xml->schema->nodes[node].field;

    if (field != -1
        && !(xml->schema->fields[field].types & PAYMENTS_STRING))
    {
        field = -1;
    }

    value.type = PAYMENTS_OTHER;

    if (xml->leaf && !xml->overlong) {
        value.type = PAYMENTS_STRING;
        value.string.data = xml->scratch->unescaped + xml->start;
        value.string.len = xml->scratch->unescaped_len - xml->start;
    }

    if (rule != -1) {
        xml->event->values[rule] = value;
    }

    if (field != -1 && value.type == PAYMENTS_STRING) {
        xml->event->values[field] = value;

    } else if (field != -1 && xml->overlong) {
        payments_xml_refuse(xml, PAYMENTS_TOO_LONG);
    }
}


static payments_rc_e
payments_xml_error(enum XML_Error error)
{
    return error == XML_ERROR_NO_MEMORY ? PAYMENTS_INTERNAL
                                        : PAYMENTS_BAD_XML;
}


/* the first reason; handlers may be called once more after it */

static void
payments_xml_refuse(payments_xml_t *xml, payments_rc_e rc)
{
    if (xml->rc == PAYMENTS_OK) {
        xml->rc = rc;
        XML_StopParser(xml->parser, XML_FALSE);
    }
}
