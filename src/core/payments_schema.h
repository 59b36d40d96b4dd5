
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Dotted paths, compiled at configuration into a tree that the reader
 * follows while it parses.
 */


#ifndef _PAYMENTS_SCHEMA_H_INCLUDED_
#define _PAYMENTS_SCHEMA_H_INCLUDED_


#include <string.h>

#include "payments.h"


/* types of a value, a set in a field */

#define PAYMENTS_NULL     0
#define PAYMENTS_STRING   1
#define PAYMENTS_INTEGER  2
#define PAYMENTS_BOOLEAN  4

/*
 * Alone: whatever there is, for a rule.  A value that is none of the above is
 * kept as PAYMENTS_OTHER, and so is one that is too long or too large to keep.
 */
#define PAYMENTS_OTHER    8

/* of a schema, a power of two */
#define PAYMENTS_SCHEMA_BUCKETS  256


typedef struct {
    const char  *path;   /* "data.object.id": keys of nested objects */
    unsigned     types;  /* accepted; a value of another type counts as null */
    unsigned     role;   /* of payments_event.h, what it is; 0: none of them */
} payments_field_t;


typedef struct {
    payments_str_t  key;
    int             parent;    /* -1: none */
    int             field;     /* index of the field that ends here, or -1 */
    int             rule;      /* of the one of PAYMENTS_OTHER */
    unsigned        children;
    int             next;      /* of the same bucket, or -1 */
} payments_node_t;


/* node 0 is the document; each other node's id fits a bit of a uint64_t */

typedef struct {
    unsigned                 nnodes;
    const payments_field_t  *fields;
    unsigned                 nfields;
    payments_node_t          nodes[PAYMENTS_MAX_NODES];

    /* by parent and key: most keys of a body are nobody's */
    signed char              buckets[PAYMENTS_SCHEMA_BUCKETS];
} payments_schema_t;


/*
 * Compiles n fields, which must outlive the schema.  A path may be one of
 * another's way, and have two fields: one of PAYMENTS_OTHER and one that is
 * not.  0, or -1 when a limit of payments.h does not hold them.
 */
int payments_schema_compile(payments_schema_t *schema,
    const payments_field_t *fields, unsigned n);

/* Where a child of that parent, with that key, is looked for. */

static inline unsigned
payments_schema_bucket(int parent, payments_str_t key)
{
    unsigned  n;

    n = 16 * parent + 8 * key.len;

    if (key.len != 0) {
        n += key.data[0] + 3 * key.data[key.len - 1];
    }

    return n % PAYMENTS_SCHEMA_BUCKETS;
}


/* The child of a node by its key, or -1: asked for each key of a body. */

static inline int
payments_schema_child(const payments_schema_t *schema, int node,
    payments_str_t key)
{
    int                     child;
    const payments_node_t  *n;

    child = schema->buckets[payments_schema_bucket(node, key)];

    while (child != -1) {
        n = &schema->nodes[child];

        if (n->parent == node
            && n->key.len == key.len
            && memcmp(n->key.data, key.data, key.len) == 0)
        {
            break;
        }

        child = n->next;
    }

    return child;
}


#endif /* _PAYMENTS_SCHEMA_H_INCLUDED_ */
