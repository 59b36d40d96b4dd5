
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "payments_base64.h"
#include "payments_cert.h"
#include "payments_text.h"


/* OpenSSL's, of keys and digests: 112 bits */
#define PAYMENTS_CERT_LEVEL  2

/* bytes of a signature, and its base64 */
#define PAYMENTS_CERT_SIGNATURE  (PAYMENTS_CERT_BITS_MAX / 8)


struct payments_trust_s {
    X509_STORE       *store;
};


struct payments_cert_s {
    X509             *leaf;
    STACK_OF(X509)   *chain;   /* what may lie between it and a root */
    EVP_PKEY         *key;
    X509_STORE       *store;   /* the trust's */

    int64_t           from;    /* valid, when until is behind it */
    int64_t           until;
    int64_t           tried;   /* when it was not right last */
    payments_cert_e   wrong;
};


static const char *payments_cert_load(payments_cert_t *cert,
    const char *file);
static const char *payments_cert_key(payments_cert_t *cert);
static void payments_cert_window(payments_cert_t *cert,
    STACK_OF(X509) *chain);
static int64_t payments_cert_time(const ASN1_TIME *time);
static payments_cert_e payments_cert_error(int error);


payments_trust_t *
payments_trust_create(const char *file)
{
    payments_trust_t  *trust;

    trust = malloc(sizeof(payments_trust_t));
    if (trust == NULL) {
        return NULL;
    }

    trust->store = X509_STORE_new();

    if (trust->store == NULL
        || X509_STORE_load_file(trust->store, file) != 1)
    {
        ERR_clear_error();
        payments_trust_free(trust);
        return NULL;
    }

    ERR_clear_error();

    return trust;
}


void
payments_trust_free(payments_trust_t *trust)
{
    if (trust != NULL) {
        X509_STORE_free(trust->store);
        free(trust);
    }
}


payments_cert_t *
payments_cert_create(const char *file, const char *suffix,
    payments_trust_t *trust, const char **why)
{
    payments_cert_t  *cert;

    cert = calloc(1, sizeof(payments_cert_t));
    if (cert == NULL) {
        *why = "needs more memory than there is";
        return NULL;
    }

    cert->store = trust->store;
    cert->from = 1;
    cert->tried = -1;

    *why = payments_cert_load(cert, file);

    if (*why == NULL) {
        *why = payments_cert_key(cert);
    }

    if (*why == NULL && !payments_cert_named(cert, suffix)) {
        *why = "is another one's: it has not the gateway's name";
    }

    ERR_clear_error();

    if (*why != NULL) {
        payments_cert_free(cert);
        return NULL;
    }

    return cert;
}


void
payments_cert_free(payments_cert_t *cert)
{
    if (cert != NULL) {
        X509_free(cert->leaf);
        sk_X509_pop_free(cert->chain, X509_free);
        EVP_PKEY_free(cert->key);
        free(cert);
    }
}


static const char *
payments_cert_load(payments_cert_t *cert, const char *file)
{
    BIO         *bio;
    X509        *x509;
    const char  *why;

    bio = BIO_new_file(file, "r");
    if (bio == NULL) {
        return "cannot be opened";
    }

    why = NULL;
    cert->leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    cert->chain = sk_X509_new_null();

    if (cert->leaf == NULL || cert->chain == NULL) {
        why = "has no certificate in PEM";
    }

    while (why == NULL
           && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
    {
        if (sk_X509_num(cert->chain) == PAYMENTS_CERT_CHAIN - 1
            || sk_X509_push(cert->chain, x509) <= 0)
        {
            X509_free(x509);
            why = "has more than 8 certificates";
        }
    }

    if (why == NULL
        && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    {
        why = "has a certificate that cannot be read behind the first";
    }

    BIO_free(bio);

    return why;
}


static const char *
payments_cert_key(payments_cert_t *cert)
{
    int  bits;

    cert->key = X509_get_pubkey(cert->leaf);

    if (cert->key == NULL || EVP_PKEY_get_base_id(cert->key) != EVP_PKEY_RSA) {
        return "has no RSA key";
    }

    bits = EVP_PKEY_get_bits(cert->key);

    return (bits < PAYMENTS_CERT_BITS_MIN || bits > PAYMENTS_CERT_BITS_MAX)
           ? "has no key of 2048 to 4096 bits" : NULL;
}


int
payments_cert_named(const payments_cert_t *cert, const char *suffix)
{
    int  rc;

    rc = X509_check_host(cert->leaf, suffix, 0, 0, NULL);

    ERR_clear_error();

    return rc == 1;
}


payments_cert_e
payments_cert_check(payments_cert_t *cert, int64_t now)
{
    X509_STORE_CTX     *ctx;
    X509_VERIFY_PARAM  *param;

    /* as OpenSSL has it, without the last second */

    if (now >= cert->from && now < cert->until) {
        return PAYMENTS_CERT_RIGHT;
    }

    if (now == cert->tried) {
        return cert->wrong;
    }

    cert->tried = now;
    cert->wrong = PAYMENTS_CERT_UNKNOWN;

    ctx = X509_STORE_CTX_new();

    if (ctx != NULL
        && X509_STORE_CTX_init(ctx, cert->store, cert->leaf, cert->chain) == 1
        && X509_STORE_CTX_set_default(ctx, "ssl_server") == 1)
    {
        param = X509_STORE_CTX_get0_param(ctx);

        X509_VERIFY_PARAM_set_time(param, now);
        X509_VERIFY_PARAM_set_auth_level(param, PAYMENTS_CERT_LEVEL);

        /* of two chains the one that is trusted; whatever ends it */

        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST
                                           | X509_V_FLAG_PARTIAL_CHAIN);

        if (X509_verify_cert(ctx) == 1) {
            payments_cert_window(cert, X509_STORE_CTX_get0_chain(ctx));
            cert->wrong = PAYMENTS_CERT_RIGHT;

        } else {
            cert->wrong = payments_cert_error(X509_STORE_CTX_get_error(ctx));
        }
    }

    X509_STORE_CTX_free(ctx);
    ERR_clear_error();

    return cert->wrong;
}


/* as long as each of them is valid */

static void
payments_cert_window(payments_cert_t *cert, STACK_OF(X509) *chain)
{
    int      i;
    X509    *x509;
    int64_t  from, until;

    cert->from = 0;
    cert->until = INT64_MAX;

    for (i = 0; i < sk_X509_num(chain); i++) {
        x509 = sk_X509_value(chain, i);

        from = payments_cert_time(X509_get0_notBefore(x509));
        until = payments_cert_time(X509_get0_notAfter(x509));

        cert->from = from > cert->from ? from : cert->from;
        cert->until = until < cert->until ? until : cert->until;
    }
}


/* -1 is nobody's time: the chain is built again, each second */

static int64_t
payments_cert_time(const ASN1_TIME *time)
{
    struct tm  tm;

    return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t) timegm(&tm) : -1;
}


static payments_cert_e
payments_cert_error(int error)
{
    switch (error) {

    case X509_V_ERR_CERT_HAS_EXPIRED:
        return PAYMENTS_CERT_EXPIRED;

    case X509_V_ERR_CERT_NOT_YET_VALID:
        return PAYMENTS_CERT_EARLY;

    default:
        return PAYMENTS_CERT_UNKNOWN;
    }
}


payments_rc_e
payments_cert_verify(const payments_cert_t *cert,
    const payments_signature_t *sig, payments_str_t body)
{
    int              rc;
    size_t           size;
    unsigned         i, npieces;
    EVP_MD_CTX      *ctx;
    EVP_PKEY_CTX    *param;
    payments_str_t   crc;
    payments_str_t   pieces[PAYMENTS_MAX_PIECES + 1];
    unsigned char    digits[PAYMENTS_INTEGER_LEN];
    unsigned char    signature[PAYMENTS_CERT_SIGNATURE];

    if (body.len == 0) {
        return PAYMENTS_NO_BODY;
    }

    size = EVP_PKEY_get_size(cert->key);

    if (size > PAYMENTS_CERT_SIGNATURE
        || !payments_base64_exact(sig->sent[PAYMENTS_SENT_SIGNATURE],
                                  signature, size))
    {
        return PAYMENTS_NO_MATCH;
    }

    crc.data = digits;
    crc.len = payments_write_integer(digits, payments_crc32(body)) - digits;

    npieces = payments_scheme_message(sig->scheme, sig->sent, sig->time_text,
                                      &crc, 1, pieces);

    ctx = EVP_MD_CTX_new();

    rc = (ctx != NULL
          && EVP_DigestVerifyInit(ctx, &param, EVP_sha256(), NULL, cert->key)
             == 1
          && EVP_PKEY_CTX_set_rsa_padding(param, RSA_PKCS1_PADDING) == 1);

    for (i = 0; i < npieces && rc == 1; i++) {
        rc = EVP_DigestVerifyUpdate(ctx, pieces[i].data, pieces[i].len);
    }

    if (rc != 1) {
        rc = -1;

    } else {
        rc = EVP_DigestVerifyFinal(ctx, signature, size);
    }

    EVP_MD_CTX_free(ctx);
    ERR_clear_error();

    return rc == 1 ? PAYMENTS_OK
                   : rc == 0 ? PAYMENTS_NO_MATCH : PAYMENTS_INTERNAL;
}


/* four bits at a time: a table that needs no one to fill it */

uint32_t
payments_crc32(payments_str_t str)
{
    size_t    i;
    uint32_t  crc;

    static const uint32_t  table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
        0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
    };

    crc = 0xffffffff;

    for (i = 0; i < str.len; i++) {
        crc ^= str.data[i];
        crc = (crc >> 4) ^ table[crc & 0xf];
        crc = (crc >> 4) ^ table[crc & 0xf];
    }

    return ~crc;
}
