
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Signatures of ours, for the application that an event is passed on to.
 */


#ifndef _PAYMENTS_SIGN_H_INCLUDED_
#define _PAYMENTS_SIGN_H_INCLUDED_


#include "payments.h"
#include "payments_signature.h"
#include "payments_text.h"


/* parts of a body */
#define PAYMENTS_SIGN_PARTS        8

/* bytes of a key, and of a digest in base64 */
#define PAYMENTS_SIGN_KEY_MIN      24
#define PAYMENTS_SIGN_KEY_MAX      64
#define PAYMENTS_SIGN_BASE64       ((PAYMENTS_SHA256 + 2) / 3 * 4)

/* of a scheme's words in a header */
#define PAYMENTS_SIGN_WORD         16

/* the most that the functions below write; a token is longer than a digest */

#define PAYMENTS_SIGN_SCHEME_LEN                                              \
    (4 * PAYMENTS_SIGN_WORD + sizeof("=,=,=") + PAYMENTS_INTEGER_LEN          \
     + PAYMENTS_MAX_SECRET)
#define PAYMENTS_SIGN_WEBHOOK_LEN  (sizeof("v1,") - 1 + PAYMENTS_SIGN_BASE64)


/*
 * Writes the header of a body of n parts as the gateway would.  sent is what
 * else goes with it, the id and the URL where they are signed; now is in
 * seconds since the epoch, and goes as its digits where it is a header of its
 * own, in the scheme's unit; dst has PAYMENTS_SIGN_SCHEME_LEN bytes.  The bytes
 * written, 0 when OpenSSL fails, the secret is a public key, or n is larger
 * than PAYMENTS_SIGN_PARTS.
 */
size_t payments_sign_scheme(const payments_scheme_t *scheme,
    payments_secret_t *secret, const payments_str_t *sent, int64_t now,
    const payments_str_t *body, unsigned n, unsigned char *dst);

/*
 * The key "whsec_" and base64 (RFC 4648, 4; canonical, without blanks) of
 * Standard Webhooks, to be freed by payments_secret_free().  NULL and *why,
 * a static text about the key that does not show it.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/
 * standard-webhooks.md
 */
payments_secret_t *payments_sign_key(payments_str_t text, const char **why);

/*
 * Writes "v1,<base64>" over "<id>.<now>.<body>", as Standard Webhooks has it.
 * id and now, in seconds, go beside it as they are; dst has
 * PAYMENTS_SIGN_WEBHOOK_LEN bytes.  The bytes written, or 0 as above.
 */
size_t payments_sign_webhook(payments_secret_t *secret, payments_str_t id,
    int64_t now, const payments_str_t *body, unsigned n, unsigned char *dst);


#endif /* _PAYMENTS_SIGN_H_INCLUDED_ */
