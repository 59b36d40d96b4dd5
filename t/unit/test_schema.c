
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_schema.h"
#include "unit.h"


static payments_schema_t  schema;


/* the node at a dotted path, by payments_schema_child() alone */

static int
walk(const char *path)
{
    int             node;
    const char     *p, *dot;
    payments_str_t  key, box;

    node = 0;

    for (p = path; p != NULL && node != -1; p = dot ? dot + 1 : NULL) {
        dot = strchr(p, '.');
        key = bytes(p, dot ? (size_t) (dot - p) : strlen(p));

        box = boxed(key);
        node = payments_schema_child(&schema, node, box);
        unbox(box);
    }

    return node;
}


static void
is_field(const char *path, int field)
{
    int  node;

    node = walk(path);

    if (!ok(node > 0, "%s has a node", path)) {
        return;
    }

    is_int(schema.nodes[node].field, field, "%s ends field %d", path, field);
}


static void
tree(void)
{
    static const payments_field_t  fields[] = {
        { "id", PAYMENTS_STRING, 0 },
        { "type", PAYMENTS_STRING, 0 },
        { "data.object.id", PAYMENTS_STRING, 0 },
        { "data.object.amount", PAYMENTS_INTEGER, 0 },
        { "data.object", PAYMENTS_STRING, 0 },
        { "related_object.id", PAYMENTS_STRING, 0 },
        { "id2", PAYMENTS_BOOLEAN, 0 },
        { "a.b.c.d.e", PAYMENTS_STRING, 0 },
        { "a.b", PAYMENTS_STRING | PAYMENTS_INTEGER, 0 }
    };

    is_int(payments_schema_compile(&schema, fields, 9), 0, "compile a tree");
    is_int(schema.nfields, 9, "fields are counted");
    ok(schema.fields == fields, "fields are kept");

    /* the document, id and type, four of data, related_object, id2, a to e */

    is_int(schema.nnodes, 1 + 2 + 4 + 2 + 1 + 5, "paths share their nodes");

    is_field("id", 0);
    is_field("type", 1);
    is_field("data.object.id", 2);
    is_field("data.object.amount", 3);
    is_field("data.object", 4);
    is_field("related_object.id", 5);
    is_field("id2", 6);
    is_field("a.b.c.d.e", 7);
    is_field("a.b", 8);

    is_field("data", -1);
    is_field("a", -1);
    is_field("a.b.c", -1);

    is_int(schema.nodes[0].field, -1, "the document is no field");

    is_int(walk("i"), -1, "a part of a key is no child");
    is_int(walk("id3"), -1, "nor is a longer one");
    is_int(walk("ID"), -1, "nor one in upper case");
    is_int(walk("object"), -1, "a child is not found at the top");
    is_int(walk("data.id"), -1, "nor a child of the top below");
    is_int(walk("data.object.object"), -1, "nor of another level");
    is_int(walk("id.id"), -1, "a leaf has no children");
    is_int(payments_schema_child(&schema, 0, LIT("")), -1,
           "the empty key is no child");
    is_int(payments_schema_child(&schema, 0, LIT("id\0")), -1,
           "nor is one that ends in a NUL");
    is_int(payments_schema_child(&schema, 0, LIT("data.object")), -1,
           "a key with a dot is no path");
}


/* a rule's field and another one at the same place */

static void
rules(void)
{
    int  node;

    static const payments_field_t  fields[] = {
        { "data.object.id", PAYMENTS_STRING, 0 },
        { "livemode", PAYMENTS_BOOLEAN, 0 },
        { "data.object.id", PAYMENTS_OTHER, 0 },
        { "data.object", PAYMENTS_OTHER, 0 },
        { "data.object.id.x", PAYMENTS_OTHER, 0 }
    };

    is_int(payments_schema_compile(&schema, fields, 5), 0, "with rules");
    is_int(schema.nnodes, 6, "they have no nodes of their own");

    node = walk("data.object.id");
    is_int(schema.nodes[node].field, 0, "the field stays at its place");
    is_int(schema.nodes[node].rule, 2, "beside the rule");

    node = walk("data.object");
    is_int(schema.nodes[node].field, -1, "a rule on the way is no field");
    is_int(schema.nodes[node].rule, 3, "and a rule");

    node = walk("livemode");
    is_int(schema.nodes[node].field, 1, "a field");
    is_int(schema.nodes[node].rule, -1, "is no rule");

    is_int(schema.nodes[walk("data.object.id.x")].rule, 4, "below a field");
    is_int(schema.nodes[0].rule, -1, "the document has none");
}


/* keys that share a length and their ends, and one that is asked for */

static void
alike(void)
{
    static const payments_field_t  fields[] = {
        { "a1z", PAYMENTS_STRING, 0 },
        { "a2z", PAYMENTS_STRING, 0 },
        { "a1z.a1z", PAYMENTS_STRING, 0 },
        { "a3z", PAYMENTS_STRING, 0 },
        { "a2z.a3z", PAYMENTS_STRING, 0 }
    };

    is_int(payments_schema_compile(&schema, fields, 5), 0, "with keys alike");
    is_int(schema.nnodes, 6, "each has a node");

    is_field("a1z", 0);
    is_field("a2z", 1);
    is_field("a3z", 3);
    is_field("a1z.a1z", 2);
    is_field("a2z.a3z", 4);

    is_int(walk("a4z"), -1, "one that is only like them has none");
    is_int(walk("a1z.a2z"), -1, "nor a child of another parent");
    is_int(walk("a3z.a3z"), -1, "nor a child of one that has none");
}


/* one key below each of many parents, in turn */

static void
families(void)
{
    int               i, wrong, alien;
    char              paths[30][32];
    payments_field_t  fields[30];

    for (i = 0; i < 30; i++) {
        snprintf(paths[i], sizeof(paths[i]), "p%d.id", i);
        fields[i].path = paths[i];
        fields[i].types = PAYMENTS_STRING;
    }

    is_int(payments_schema_compile(&schema, fields, 30), 0, "thirty parents");

    wrong = 0;
    alien = 0;

    for (i = 0; i < 30; i++) {
        wrong += schema.nodes[walk(paths[i])].field != i;
        alien += payments_schema_child(&schema, walk(paths[i]), LIT("id"))
                 != -1;
    }

    is_int(wrong, 0, "each has its own child");
    is_int(alien, 0, "and children have none");
}


static void
limits(void)
{
    int               i, wrong;
    char              paths[PAYMENTS_MAX_NODES + 1][512];
    char             *p;
    payments_field_t  fields[PAYMENTS_MAX_FIELDS + 1];

    is_int(payments_schema_compile(&schema, NULL, 0), 0, "no fields");
    is_int(schema.nnodes, 1, "are the document alone");
    is_int(payments_schema_child(&schema, 0, LIT("id")), -1, "and no child");

    for (i = 0; i <= PAYMENTS_MAX_FIELDS; i++) {
        snprintf(paths[i], sizeof(paths[i]), "field%d", i);
        fields[i].path = paths[i];
        fields[i].types = PAYMENTS_STRING;
    }

    is_int(payments_schema_compile(&schema, fields, PAYMENTS_MAX_FIELDS), 0,
           "%d fields are allowed", PAYMENTS_MAX_FIELDS);

    wrong = 0;

    for (i = 0; i < PAYMENTS_MAX_FIELDS; i++) {
        wrong += (schema.nodes[walk(paths[i])].field != i);
    }

    is_int(wrong, 0, "and all are found");

    is_int(payments_schema_compile(&schema, fields, PAYMENTS_MAX_FIELDS + 1),
           -1, "%d fields are not", PAYMENTS_MAX_FIELDS + 1);

    /* a path of the very number of nodes that is left beside the document */

    p = paths[0];

    for (i = 1; i < PAYMENTS_MAX_NODES; i++) {
        p += sprintf(p, "%sk%d", i == 1 ? "" : ".", i);
    }

    is_int(payments_schema_compile(&schema, fields, 1), 0,
           "%d nodes are allowed", PAYMENTS_MAX_NODES);
    is_int(schema.nnodes, PAYMENTS_MAX_NODES, "and used");
    is_field(paths[0], 0);

    strcpy(paths[1], "k1.k2");
    is_int(payments_schema_compile(&schema, fields, 2), 0,
           "a path over nodes that exist needs none");

    strcpy(paths[1], "one.more");
    is_int(payments_schema_compile(&schema, fields, 2), -1,
           "a node too many is not");

    sprintf(p, ".k%d", PAYMENTS_MAX_NODES);
    is_int(payments_schema_compile(&schema, fields, 1), -1,
           "nor at the end of the path");
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    tree();
    rules();
    alike();
    families();
    limits();

    return done_testing();
}
