
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * How a gateway signs, as data: one row says where the signature lies, how it
 * is written, over what and with which key it is made.
 */


#ifndef _PAYMENTS_SCHEME_H_INCLUDED_
#define _PAYMENTS_SCHEME_H_INCLUDED_


#include "payments.h"


/* headers that a scheme reads, spellings counted, and parts of its message */
#define PAYMENTS_MAX_HEADERS  8
#define PAYMENTS_MAX_PARTS    8

/* OpenSSL's name of a digest, with its NUL */
#define PAYMENTS_ALGORITHM_NAME  16

/* a part, and the texts around it */
#define PAYMENTS_MAX_PIECES   (3 * PAYMENTS_MAX_PARTS)

/* a secret that is a public key, of Ed25519; what it signs with is as long */
#define PAYMENTS_PUBLIC_KEY   32
#define PAYMENTS_PUBLIC_SIGN  64


/* what may come beside a body */

typedef enum {
    PAYMENTS_SENT_SIGNATURE = 0,
    PAYMENTS_SENT_TIME,
    PAYMENTS_SENT_ID,
    PAYMENTS_SENT_TYPE,
    PAYMENTS_SENT_ACCOUNT,
    PAYMENTS_SENT_DELIVERY,        /* an id, but not the event's */
    PAYMENTS_SENT_KEY,             /* the name of the key that was used */
    PAYMENTS_SENT_OBJECT,          /* the id of what an event is about */
    PAYMENTS_SENT_REQUEST,
    PAYMENTS_SENT_CERT,            /* the URL of a certificate */
    PAYMENTS_SENT_ALGORITHM,       /* the scheme's word, and no other */
    PAYMENTS_SENT_URL,             /* these are not sent, but configured */
    PAYMENTS_SENT_WEBHOOK,
    PAYMENTS_SENT_SECRET,
    PAYMENTS_SENT_MAX
} payments_sent_e;


typedef enum {
    PAYMENTS_BARE = 0,             /* [<word>]<signature> */
    PAYMENTS_PREFIXED,             /* <word><signature> */
    PAYMENTS_PAIRS,                /* t=<time>,<word>=<signature>,... */
    PAYMENTS_VERSIONED,            /* <word>,<signature> <word>,... */
    PAYMENTS_KEYED                 /* <name>|<signature>&<name>|... */
} payments_grammar_e;


typedef enum {
    PAYMENTS_HMAC_SHA256 = 0,
    PAYMENTS_HMAC_SHA1,
    PAYMENTS_HMAC_SHA384,
    PAYMENTS_HMAC_SHA512,

    /* no HMAC: the key is in the message */
    PAYMENTS_PLAIN_SHA256,
    PAYMENTS_PLAIN_SHA384,
    PAYMENTS_PLAIN_SHA512,
    PAYMENTS_PLAIN_SHA1,
    PAYMENTS_PLAIN_MD5,

    PAYMENTS_TOKEN                 /* none: the secret itself is sent */
} payments_algorithm_e;


typedef enum {
    PAYMENTS_SECONDS = 0,
    PAYMENTS_MILLISECONDS,
    PAYMENTS_BY_DIGITS             /* milliseconds from 12 digits on */
} payments_unit_e;


typedef enum {
    PAYMENTS_HEX = 0,
    PAYMENTS_BASE64
} payments_encoding_e;


typedef enum {
    PAYMENTS_PART_END = 0,
    PAYMENTS_PART_BODY,
    PAYMENTS_PART_LITERAL,         /* no more than what is behind it */
    PAYMENTS_PART_TIME,            /* as it was sent */
    PAYMENTS_PART_SENT,
    PAYMENTS_PART_SECRET           /* the key, of a plain digest */
} payments_part_e;


/* a header's name is in lower case; one without a name ends a list */

typedef struct {
    payments_sent_e       what;
    payments_str_t        name;
} payments_header_t;


typedef struct {
    payments_part_e       kind;
    payments_sent_e       what;    /* of PAYMENTS_PART_SENT */
    payments_str_t        after;   /* a text behind it, often empty */
} payments_part_t;


typedef struct {

    /* of two spellings of one thing the first that is sent counts */
    payments_header_t     headers[PAYMENTS_MAX_HEADERS + 1];
    unsigned              queried;    /* 1 << PAYMENTS_SENT_*: no headers, but
                                         parameters of the query */

    payments_grammar_e    grammar;
    payments_str_t        word;
    payments_str_t        time_word;  /* of PAYMENTS_PAIRS */
    unsigned char         separator;  /* and what is between them */
    payments_str_t        digest_word;  /* names the digest: of those below */
    unsigned              digests;      /* 1 << PAYMENTS_PLAIN_* */
    payments_str_t        public_word;  /* of a signature by a public key */

    payments_algorithm_e  algorithm;
    payments_encoding_e   encoding;
    payments_part_t       parts[PAYMENTS_MAX_PARTS + 1];

    /* a text before a part, which is left out with it when it is empty */
    payments_str_t        labels[PAYMENTS_MAX_PARTS + 1];

    /* seconds that a signature may be old or early; -1 is no limit */
    int                   tolerance;
    int                   future;
    payments_unit_e       unit;

    unsigned              timed:1;        /* has a time at all */
    unsigned              base64_key:1;   /* else the secret's text is it */
    unsigned              hex_key:1;
    unsigned              bodiless:1;     /* an empty body may be signed */
    unsigned              api_key:1;      /* the key is the API's, "sk_" */
    unsigned              shared:1;       /* others have such a header */
    unsigned              certified:1;    /* by RSA, with a certificate */
    unsigned              whole_whsec:1;  /* keys are "whsec_..." as a text */
    unsigned              trailing:1;     /* a separator may end the pairs */
    unsigned              lower_retry:1;  /* the object's id in lower case */
    unsigned              sha1_key:1;     /* the SHA-1 of the text is it */
    unsigned              json_key:1;     /* it goes into JSON as it is */
    unsigned              named:1;        /* each signature says by which key */
    unsigned              newline:1;      /* one may end the message */
} payments_scheme_t;


/* The row of a header's name (lower case), or -1. */
int payments_scheme_header(const payments_scheme_t *scheme,
    payments_str_t name);

/*
 * The scheme's parameters of a query (without its "?"), decoded (URL standard,
 * 5.1) and without the blanks around them, into their rows.  room has as many
 * bytes as the query.  PAYMENTS_MALFORMED_SIGNATURE for one that is there
 * twice, or has an escape that is none.
 */
payments_rc_e payments_scheme_query(const payments_scheme_t *scheme,
    payments_str_t query, unsigned char *room, payments_str_t *rows);

/* 1 when one of its rows is a parameter of the query. */
int payments_scheme_queries(const payments_scheme_t *scheme);

/*
 * Sorts the values of the scheme's headers, one for each row, data NULL for
 * one that was not sent, by what they are.  PAYMENTS_MALFORMED_SIGNATURE for
 * any but the signature that an envelope could not hold.
 */
payments_rc_e payments_scheme_sort(const payments_scheme_t *scheme,
    const payments_str_t *rows, payments_str_t sent[PAYMENTS_SENT_MAX]);

/*
 * 1 for what can stand in JSON, and in an envelope, as it is: visible ASCII
 * without quotes and backslashes, PAYMENTS_MAX_STRING bytes.
 */
int payments_scheme_fits(payments_str_t value);

/* 1 when the signature lies in a header of that name. */
int payments_scheme_signs(const payments_scheme_t *scheme,
    payments_str_t name);

/* 1 when it comes in a header or the query; 0 for the configured URL. */
int payments_scheme_reads(const payments_scheme_t *scheme,
    payments_sent_e what);

/* 1 when what was sent, or the configured URL, is in the signed message. */
int payments_scheme_covers(const payments_scheme_t *scheme,
    payments_sent_e what);

/* A time in seconds in the scheme's unit. */
int64_t payments_scheme_time(const payments_scheme_t *scheme,
    int64_t seconds);

/* Bytes of a digest, of SHA-256 for a token; PAYMENTS_MAX_DIGEST at most. */
size_t payments_algorithm_size(payments_algorithm_e algorithm);

/* Writes OpenSSL's name of it, with its NUL. */
void payments_algorithm_name(payments_algorithm_e algorithm,
    char name[PAYMENTS_ALGORITHM_NAME]);

/*
 * A plain digest by its name in a header, "SHA-256" or "SHA256"; -1 for one
 * that is unknown.  And its first name, static.
 */
int payments_algorithm_find(payments_str_t name);
payments_str_t payments_algorithm_text(payments_algorithm_e algorithm);

/*
 * The message that is signed, in pieces: slices of what was sent, of the
 * time's text and of the body's n parts.  pieces has room for
 * PAYMENTS_MAX_PIECES + n of them; returns their number.
 */
unsigned payments_scheme_message(const payments_scheme_t *scheme,
    const payments_str_t *sent, payments_str_t time_text,
    const payments_str_t *body, unsigned n, payments_str_t *pieces);

/*
 * The key that a secret's text stands for: its bytes, their SHA-1, base64 (RFC
 * 4648, 4, with padding or without) behind "whsec_" or alone, or pairs of hex
 * digits.  A token has to be one that fits into a header (RFC 9110, 5.5), of
 * ASCII.  key has room for PAYMENTS_MAX_SECRET bytes.  NULL, or what is wrong,
 * a static text that does not show it.  The caller wipes the key.
 */
const char *payments_scheme_key(const payments_scheme_t *scheme,
    payments_str_t text, unsigned char *key, size_t *len);

/* 1 when a secret's text is that of a public key, "whpk_...". */
int payments_scheme_public(const payments_scheme_t *scheme,
    payments_str_t text);

/* Its PAYMENTS_PUBLIC_KEY bytes; as payments_scheme_key(). */
const char *payments_scheme_public_key(payments_str_t text,
    unsigned char *key);


#endif /* _PAYMENTS_SCHEME_H_INCLUDED_ */
