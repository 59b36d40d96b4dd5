
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The block of the claims: nodes, their hash chains and lists, and repair.
 */


#ifndef _PAYMENTS_CLAIMS_TABLE_H_INCLUDED_
#define _PAYMENTS_CLAIMS_TABLE_H_INCLUDED_


#include "payments_claims.h"


/* nodes of a chain; one of a keyed hash and a load of 1 is never as long */
#define PAYMENTS_CLAIMS_CHAIN   64

/* bytes before the buckets */
#define PAYMENTS_CLAIMS_HEADER  256

/* what a node is, or the pid of its owner */
#define PAYMENTS_NODE_FREE      0
#define PAYMENTS_NODE_DONE      -1

#define PAYMENTS_TABLE_BUSY     1
#define PAYMENTS_TABLE_DAMAGED  2


/* a node is named by a number from 1; 0 is none */

typedef struct {
    unsigned char         id[PAYMENTS_HASH];
    int64_t               time;   /* until, ms, or expiry, seconds */
    int32_t               state;
    uint32_t              chain;
    uint32_t              prev;
    uint32_t              next;
} payments_node_t;


typedef struct {
    uint32_t              first;
    uint32_t              last;
    uint32_t              count;
} payments_node_list_t;


struct payments_claims_s {
    unsigned char         magic[8];
    uint64_t              size;
    uint32_t              layout;
    uint32_t              capacity;  /* of nodes, and of buckets */
    uint32_t              used;      /* nodes after these never were */
    uint32_t              free;
    uint32_t              busy;      /* a call has not come to its end */
    payments_node_list_t  flight;    /* as they were claimed */
    payments_node_list_t  done;      /* as they came to be done */
    uint64_t              evicted;
    uint64_t              full;
    uint64_t              repaired;
    unsigned char         key[PAYMENTS_HASH_KEY];
};


/* Around all that changes or follows a link. */
void payments_table_enter(payments_claims_t *claims);
void payments_table_leave(payments_claims_t *claims);

/* Notes that a link is wrong. */
void payments_table_damaged(payments_claims_t *claims);

/* Makes all links anew from what the nodes say. */
void payments_table_repair(payments_claims_t *claims);

/* NULL for 0, and for what is no node. */
payments_node_t *payments_table_node(payments_claims_t *claims, uint32_t ref);

/* The number of a node, the buckets, and the list of a node's state. */
uint32_t payments_table_ref(payments_claims_t *claims,
    const payments_node_t *node);
uint32_t *payments_table_buckets(payments_claims_t *claims);
payments_node_list_t *payments_table_list(payments_claims_t *claims,
    const payments_node_t *node);

/* Repairs what is damaged, and then looks again. */
payments_node_t *payments_table_find(payments_claims_t *claims,
    const unsigned char *id);

/*
 * *link is what leads to the node, or where a chain of max nodes or less ends.
 * A longer one is damaged.
 */
payments_node_t *payments_table_search(payments_claims_t *claims,
    const unsigned char *id, unsigned max, uint32_t **link);

/*
 * A node without an owner or a list for a new id, at the cost of what has
 * expired or of the oldest that is done.  NULL when all is in flight.
 */
payments_node_t *payments_table_insert(payments_claims_t *claims,
    const unsigned char *id, int64_t now_s);

/* Drops a few of the oldest claims that have run out. */
void payments_table_expire(payments_claims_t *claims, int64_t now_ms);

/* Takes a node out of its list, its chain and its state. */
void payments_table_remove(payments_claims_t *claims, payments_node_t *node);

/* Gives a node a state and puts it at the end of that list. */
void payments_table_append(payments_claims_t *claims, payments_node_t *node,
    int32_t state, int64_t time);

/* Takes a node out of the list of its state. */
void payments_table_unlink(payments_claims_t *claims, payments_node_t *node);

/* By time, stable; of its links, only next has to be right. */
void payments_table_sort(payments_claims_t *claims,
    payments_node_list_t *list);

/* Whether a claim has run out, or its clock has. */
int payments_table_over(const payments_node_t *node, int64_t now_ms);


#endif /* _PAYMENTS_CLAIMS_TABLE_H_INCLUDED_ */
