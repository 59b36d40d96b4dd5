
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * Many bytes of a text at a time: sixteen where each x86-64 has instructions
 * for it, or eight in a word.
 */


#ifndef _PAYMENTS_BYTES_H_INCLUDED_
#define _PAYMENTS_BYTES_H_INCLUDED_


#include <endian.h>
#include <string.h>

#include "payments.h"

#if defined(__SSE2__) && !defined(PAYMENTS_NO_SSE2)
#define PAYMENTS_SSE2  1
#include <emmintrin.h>
#endif


/* a byte in each byte of a word */
#define PAYMENTS_BYTES(c)  (UINT64_C(0x0101010101010101) * (c))


/*
 * What is looked at together, and a bit for each byte, or the high one of
 * eight, that is no plain one of a JSON string: a quote, a backslash, a
 * control character or a byte of UTF-8 beyond ASCII.  The lowest bit that is
 * set is right, and none when there is no such byte.
 */

#if (PAYMENTS_SSE2)
#define PAYMENTS_BYTES_STEP  16
#define PAYMENTS_BYTES_BITS  1
#else
#define PAYMENTS_BYTES_STEP  8
#define PAYMENTS_BYTES_BITS  8
#endif


static inline uint64_t
payments_bytes_special(const unsigned char *p)
{
#if (PAYMENTS_SSE2)

    __m128i  bytes, found;

    bytes = _mm_loadu_si128((const __m128i *) p);

    /* as signed ones those beyond ASCII are less than a blank, too */

    found = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));

    return _mm_movemask_epi8(found);

#else

    uint64_t  word, found;

    memcpy(&word, p, sizeof(word));
    word = le64toh(word);

    /*
     * A byte's high bit is set by what is less than n when n is taken from all
     * of them, unless a lower one, which then is found first, has borrowed
     * from it
     */

    found = word;
    found |= word - PAYMENTS_BYTES(' ');
    found |= (word ^ PAYMENTS_BYTES('"')) - PAYMENTS_BYTES(1);
    found |= (word ^ PAYMENTS_BYTES('\\')) - PAYMENTS_BYTES(1);

    return found & PAYMENTS_BYTES(0x80);

#endif
}


/* the same of what is no blank, or any bit of such a byte */

static inline uint64_t
payments_bytes_black(const unsigned char *p)
{
#if (PAYMENTS_SSE2)

    __m128i  bytes;

    bytes = _mm_loadu_si128((const __m128i *) p);

    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')))
           ^ 0xffff;

#else

    uint64_t  word;

    memcpy(&word, p, sizeof(word));

    return le64toh(word) ^ PAYMENTS_BYTES(' ');

#endif
}


/* The first byte that is no plain one of a JSON string, or end. */

static inline const unsigned char *
payments_bytes_plain(const unsigned char *p, const unsigned char *end)
{
    uint64_t  found;

    while (end - p >= PAYMENTS_BYTES_STEP) {
        found = payments_bytes_special(p);

        if (found != 0) {
            return p + __builtin_ctzll(found) / PAYMENTS_BYTES_BITS;
        }

        p += PAYMENTS_BYTES_STEP;
    }

    while (p != end && *p >= ' ' && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


/* The first byte that is no blank (U+0020), or end. */

static inline const unsigned char *
payments_bytes_blank(const unsigned char *p, const unsigned char *end)
{
    uint64_t  found;

    while (end - p >= PAYMENTS_BYTES_STEP) {
        found = payments_bytes_black(p);

        if (found != 0) {
            return p + __builtin_ctzll(found) / PAYMENTS_BYTES_BITS;
        }

        p += PAYMENTS_BYTES_STEP;
    }

    while (p != end && *p == ' ') {
        p++;
    }

    return p;
}


#endif /* _PAYMENTS_BYTES_H_INCLUDED_ */
