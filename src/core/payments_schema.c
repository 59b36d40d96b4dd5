
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_schema.h"


static int payments_schema_add(payments_schema_t *schema, int parent,
    payments_str_t key);
static uint64_t payments_schema_like(payments_str_t key);


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
    payments_node_t  *node;

    if (schema->nnodes == PAYMENTS_MAX_NODES) {
        return -1;
    }

    node = &schema->nodes[schema->nnodes];

    node->key = key;
    node->field = -1;
    node->rule = -1;
    node->child = -1;
    node->next = -1;
    node->like = payments_schema_like(key);
    node->likes = 0;

    if (parent != -1) {
        schema->nodes[parent].likes |= node->like;
        node->next = schema->nodes[parent].child;
        schema->nodes[parent].child = schema->nnodes;
    }

    return schema->nnodes++;
}


int
payments_schema_child(const payments_schema_t *schema, int node,
    payments_str_t key)
{
    int                     child;
    uint64_t                like;
    const payments_node_t  *n;

    like = payments_schema_like(key);

    if (!(schema->nodes[node].likes & like)) {
        return -1;
    }

    for (child = schema->nodes[node].child; child != -1; child = n->next) {
        n = &schema->nodes[child];

        if (n->like == like
            && n->key.len == key.len
            && memcmp(n->key.data, key.data, key.len) == 0)
        {
            return child;
        }
    }

    return -1;
}


/* most keys of a body are nobody's: one bit tells so of three in four */

static uint64_t
payments_schema_like(payments_str_t key)
{
    unsigned  like;

    like = 0;

    if (key.len != 0) {
        like = 8 * key.len + key.data[0] + 3 * key.data[key.len - 1];
    }

    return UINT64_C(1) << like % 64;
}
