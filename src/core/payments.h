
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The words that every file of the core shares: strings, results, limits.
 * The core is plain C: no nginx type, no pool, no log, no clock, no state.
 */


#ifndef _PAYMENTS_H_INCLUDED_
#define _PAYMENTS_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>


/*
 * Limits on what a caller may send, signed or not
 */

/* bytes of a body, whatever client_max_body_size allows */
#define PAYMENTS_MAX_BODY         (16 * 1024 * 1024)

/* bytes of a signature header, and usable signatures in it */
#define PAYMENTS_MAX_HEADER       4096
#define PAYMENTS_MAX_SIGNATURES   16

/* digits of a time in seconds: any of them fits into an int64_t */
#define PAYMENTS_MAX_TIME_DIGITS  15

/* bytes of a line in a spool file: a body and what stands around it */
#define PAYMENTS_MAX_LINE         (PAYMENTS_MAX_BODY + 64 * 1024)

/* nested objects and arrays of a body */
#define PAYMENTS_MAX_DEPTH        64

/* bytes of one string that goes into the envelope */
#define PAYMENTS_MAX_STRING       512

/* bytes of all such strings that had to be unescaped */
#define PAYMENTS_MAX_UNESCAPED    2048

/* paths that the reader follows in a body, and their nodes */
#define PAYMENTS_MAX_FIELDS       48
#define PAYMENTS_MAX_NODES        64

/* events of one request; GoCardless sends up to 250 */
#define PAYMENTS_MAX_ITEMS        256

/* events of one commit: three pieces each, and one for slack in IOV_MAX */
#define PAYMENTS_MAX_BATCH        341

/* configuration: secrets of a variant, bytes of a secret, of a name */
#define PAYMENTS_MAX_SECRETS      8
#define PAYMENTS_MAX_SECRET       512
#define PAYMENTS_MAX_VARIANT      64

/* and its rules, the accounts in one, bytes of a path and keys in it */
#define PAYMENTS_MAX_RULES        16
#define PAYMENTS_MAX_ACCOUNTS     64
#define PAYMENTS_MAX_PATH         256
#define PAYMENTS_MAX_KEYS         16

#define PAYMENTS_SHA256           32

/* the longest digest: SHA-512 */
#define PAYMENTS_MAX_DIGEST       64


/* the layout of ngx_str_t, so that nothing is converted at the border */

typedef struct {
    size_t                len;
    const unsigned char  *data;
} payments_str_t;


#define payments_string(str)  { sizeof(str) - 1, (const unsigned char *) str }


/* the fate of an event; all but the first say why it was not accepted */

typedef enum {
    PAYMENTS_OK = 0,

    /* seen before, and done */
    PAYMENTS_DUPLICATE,

    /* ignored */
    PAYMENTS_EVENT_TYPE,
    PAYMENTS_MODE,
    PAYMENTS_ACCOUNT,
    PAYMENTS_REQUIRED,
    PAYMENTS_CHALLENGE,

    /* refused */
    PAYMENTS_UNKNOWN_VARIANT,
    PAYMENTS_SIDE_DOOR,
    PAYMENTS_METHOD,
    PAYMENTS_ENCODING,
    PAYMENTS_MISSING_SIGNATURE,
    PAYMENTS_MALFORMED_SIGNATURE,
    PAYMENTS_TOO_OLD,
    PAYMENTS_TOO_NEW,
    PAYMENTS_TOO_LARGE,
    PAYMENTS_BAD_BODY,
    PAYMENTS_NO_BODY,
    PAYMENTS_NO_MATCH,
    PAYMENTS_BAD_UTF8,
    PAYMENTS_BAD_FORM,
    PAYMENTS_BAD_JSON,
    PAYMENTS_BAD_XML,
    PAYMENTS_TOO_DEEP,
    PAYMENTS_TOO_LONG,
    PAYMENTS_DUPLICATE_KEY,
    PAYMENTS_BAD_NUMBER,
    PAYMENTS_NO_EVENT_ID,
    PAYMENTS_NO_EVENT_TYPE,

    /* failed */
    PAYMENTS_SPOOL_FULL,
    PAYMENTS_SPOOL_ERROR,
    PAYMENTS_QUEUE_FULL,
    PAYMENTS_IN_FLIGHT,
    PAYMENTS_NO_CERTIFICATE,
    PAYMENTS_UPSTREAM,
    PAYMENTS_INTERNAL,

    PAYMENTS_RC_MAX
} payments_rc_e;


/*
 * The name of a result as $payments_error and the error log show it,
 * static, NUL-terminated; empty for what is no error.
 */
const char *payments_rc_name(payments_rc_e rc);


#endif /* _PAYMENTS_H_INCLUDED_ */
