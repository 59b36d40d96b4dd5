
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_schema.h"


static int payments_schema_add(payments_schema_t *schema, int parent,
    payments_str_t key);


int
payments_schema_compile(payments_schema_t *schema,
    const payments_field_t *fields, unsigned n)
{
    int             node, child;
    unsigned        i;
    const char     *p, *dot;
    payments_str_t  key;

    if (n > PAYMENTS_MAX_FIELDS) {
        return -1;
    }

    schema->fields = fields;
    schema->nfields = n;
    schema->nnodes = 0;
    memset(schema->buckets, -1, sizeof(schema->buckets));

    key.len = 0;
    key.data = NULL;

    payments_schema_add(schema, -1, key);

    for (i = 0; i < n; i++) {
        node = 0;

        for (p = fields[i].path; p != NULL; p = dot != NULL ? dot + 1 : NULL) {
            dot = strchr(p, '.');

            key.data = (const unsigned char *) p;
            key.len = dot != NULL ? (size_t) (dot - p) : strlen(p);

            child = payments_schema_child(schema, node, key);

            if (child == -1) {
                child = payments_schema_add(schema, node, key);
            }

            if (child == -1) {
                return -1;
            }

            node = child;
        }

        if (fields[i].types == PAYMENTS_OTHER) {
            schema->nodes[node].rule = i;

        } else {
            schema->nodes[node].field = i;
        }
    }

    return 0;
}


static int
payments_schema_add(payments_schema_t *schema, int parent, payments_str_t key)
{
    signed char      *bucket;
    payments_node_t  *node;

    if (schema->nnodes == PAYMENTS_MAX_NODES) {
        return -1;
    }

    node = &schema->nodes[schema->nnodes];

    node->key = key;
    node->parent = parent;
    node->field = -1;
    node->rule = -1;
    node->children = 0;
    node->next = -1;

    /* nobody looks for the document */

    if (parent != -1) {
        bucket = &schema->buckets[payments_schema_bucket(parent, key)];

        node->next = *bucket;
        *bucket = schema->nnodes;

        schema->nodes[parent].children++;
    }

    return schema->nnodes++;
}
