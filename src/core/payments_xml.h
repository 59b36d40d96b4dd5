
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * A body of XML 1.0, read into an event.
 */


#ifndef _PAYMENTS_XML_H_INCLUDED_
#define _PAYMENTS_XML_H_INCLUDED_


#include "payments.h"
#include "payments_event.h"
#include "payments_schema.h"


/* bytes of a document, and elements in it */
#define PAYMENTS_MAX_XML       (4 * 1024 * 1024)
#define PAYMENTS_MAX_ELEMENTS  65536


/*
 * Fills event->values as payments_event_read() does, whose words apply: a key
 * is an element's name, the document's root among them, and a value is the
 * text, with its blanks, of an element that has no others in it.  nil="true"
 * is an absent one; what is in a type="array" is a list, which no path leads
 * into.  UTF-8 only, without a document type, and so without entities but the
 * five of XML.  Memory is in the order of the document.  PAYMENTS_BAD_XML in
 * the place of PAYMENTS_BAD_JSON, PAYMENTS_TOO_LARGE for such a document.
 * https://www.w3.org/TR/xml/
 */
payments_rc_e payments_xml_event(const payments_schema_t *schema,
    payments_str_t body, payments_event_t *event,
    payments_scratch_t *scratch);


#endif /* _PAYMENTS_XML_H_INCLUDED_ */
