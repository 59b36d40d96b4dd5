
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include "payments_signature.h"
#include "stripe.h"
#include "unit.h"


/* two digests in hex */

#define HEX0  "00112233445566778899aabbccddeeff"                              \
              "0123456789abcdef0123456789abcdef"
#define HEX1  "FFEEDDCCBBAA99887766554433221100"                              \
              "ABCDEFabcdef0123456789ABCDEFabcd"


static payments_signature_t  sig;


static payments_rc_e
parse(payments_str_t header)
{
    payments_rc_e   rc;
    payments_str_t  box;

    memset(&sig, 0xa5, sizeof(sig));

    box = boxed(header);
    rc = stripe_parse(box, &sig);

    /* what stays is compared here: the box is gone then */

    if (rc == PAYMENTS_OK) {
        if (sig.time_text.data < box.data
            || sig.time_text.data + sig.time_text.len > box.data + box.len)
        {
            diag("time_text does not point into the header");
            rc = PAYMENTS_INTERNAL;

        } else {
            sig.time_text.data = header.data + (sig.time_text.data - box.data);
        }
    }

    unbox(box);

    return rc;
}


static void
grammar(void)
{
    size_t  i;

    static const struct {
        payments_str_t  header;
        payments_rc_e   rc;
        const char     *name;
    } tests[] = {
        { payments_string(""), PAYMENTS_MISSING_SIGNATURE, "empty" },

        { payments_string("t=1,v1=" HEX0), PAYMENTS_OK, "plain" },
        { payments_string("v1=" HEX0 ",t=1"), PAYMENTS_OK, "in any order" },
        { payments_string("t=1,v1=" HEX0 ",v0=" HEX1), PAYMENTS_OK,
          "with v0" },
        { payments_string("t=1,v1=" HEX0 ",v1=" HEX1), PAYMENTS_OK,
          "two v1" },
        { payments_string("t=1,v1=" HEX0 ",v1=potato"), PAYMENTS_OK,
          "a v1 that is not hex is passed over" },
        { payments_string("t=1,v1=,v1=" HEX0), PAYMENTS_OK,
          "an empty v1 is passed over" },
        { payments_string(" t=1 ,\tv1=" HEX0 "\t , v0=x "), PAYMENTS_OK,
          "blanks around items" },
        { payments_string("a=b=c,t=1,v1=" HEX0), PAYMENTS_OK,
          "split at the first =" },
        { payments_string("=,t=1,v1=" HEX0), PAYMENTS_OK,
          "an empty key is unknown" },
        { payments_string("tt=x,T=y,V1=z,v=1,t=1,v1=" HEX0 ",v11=1"),
          PAYMENTS_OK, "keys that look alike are unknown" },
        { payments_string("x=\0\xff,t=1,v1=" HEX0), PAYMENTS_OK,
          "any byte in an unknown value" },
        { payments_string("t=0,v1=" HEX0), PAYMENTS_OK, "time 0" },
        { payments_string("t=007,v1=" HEX0), PAYMENTS_OK, "leading zeros" },
        { payments_string("t=123456789012345,v1=" HEX0), PAYMENTS_OK,
          "15 digits" },

        { payments_string(" "), PAYMENTS_MALFORMED_SIGNATURE, "a blank" },
        { payments_string(","), PAYMENTS_MALFORMED_SIGNATURE, "a comma" },
        { payments_string("bad"), PAYMENTS_MALFORMED_SIGNATURE, "no =" },
        { payments_string("t=1"), PAYMENTS_MALFORMED_SIGNATURE, "no v1" },
        { payments_string("t=1,v0=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "v0 only" },
        { payments_string("t=1,V1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "V1 is not v1" },
        { payments_string("v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE, "no t" },
        { payments_string("T=1,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "T is not t" },
        { payments_string("v1=potato"), PAYMENTS_MALFORMED_SIGNATURE,
          "no t and no usable v1" },
        { payments_string("t=1,t=1,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "two t" },
        { payments_string("t=1,v1=" HEX0 ",t=2"),
          PAYMENTS_MALFORMED_SIGNATURE, "two t apart" },
        { payments_string("t=1,v1=" HEX0 ",t="),
          PAYMENTS_MALFORMED_SIGNATURE, "a second, empty t" },
        { payments_string("t=,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "empty t" },
        { payments_string("t,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t without =" },
        { payments_string("t=1,v1"), PAYMENTS_MALFORMED_SIGNATURE,
          "v1 without =" },
        { payments_string("t=1,v1=" HEX0 ",x"), PAYMENTS_MALFORMED_SIGNATURE,
          "an unknown item without =" },
        { payments_string("t=1,v1=" HEX0 ","), PAYMENTS_MALFORMED_SIGNATURE,
          "an empty item at the end" },
        { payments_string(",t=1,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "an empty item first" },
        { payments_string("t=1,,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "an empty item between" },
        { payments_string("t=1, \t,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "a blank item between" },
        { payments_string("t=1;v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "a semicolon does not split" },
        { payments_string("t=-1,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "negative t" },
        { payments_string("t=+1,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with a plus" },
        { payments_string("t=1.5,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with a fraction" },
        { payments_string("t=1e3,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with an exponent" },
        { payments_string("t=12abc,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with letters" },
        { payments_string("t=0x10,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t in hex" },
        { payments_string("t=1 2,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with a blank inside" },
        { payments_string("t=1\0,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "t with a NUL" },
        { payments_string("t=1\n,v1=" HEX0), PAYMENTS_MALFORMED_SIGNATURE,
          "a line feed is no blank" },
        { payments_string("t=\xd9\xa1,v1=" HEX0),
          PAYMENTS_MALFORMED_SIGNATURE, "other digits than ASCII" },
        { payments_string("t=1234567890123456,v1=" HEX0),
          PAYMENTS_MALFORMED_SIGNATURE, "16 digits" },
        { payments_string("t=0000000000000001,v1=" HEX0),
          PAYMENTS_MALFORMED_SIGNATURE, "16 digits with leading zeros" },
        { payments_string("t=99999999999999999999999,v1=" HEX0),
          PAYMENTS_MALFORMED_SIGNATURE, "23 digits" },

        { payments_string("t=1,v1="), PAYMENTS_NO_MATCH, "empty v1 only" },
        { payments_string("t=1,v1=potato"), PAYMENTS_NO_MATCH,
          "a word in v1" },
        { payments_string("t=1,v1=" HEX0 "0"), PAYMENTS_NO_MATCH,
          "65 hex digits" },
        { payments_string("t=1,v1=" HEX0 "00"), PAYMENTS_NO_MATCH,
          "66 hex digits" },
        { payments_string("t=1,v1=0" HEX0 ",v1=g"), PAYMENTS_NO_MATCH,
          "none of two is usable" },
        { payments_string("t=1,v1=\"" HEX0 "\""), PAYMENTS_NO_MATCH,
          "in quotes" },
        { payments_string("t=1,v1=0x" HEX0), PAYMENTS_NO_MATCH,
          "with 0x" },
        { payments_string("t=1,v1==" HEX0), PAYMENTS_NO_MATCH,
          "a second =" }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        is_int(parse(tests[i].header), tests[i].rc, "header: %s",
               tests[i].name);
    }
}


static void
values(void)
{
    unsigned        i, wrong;
    unsigned char   first[PAYMENTS_SHA256];
    payments_str_t  header;
    char            buf[128];

    for (i = 0; i < PAYMENTS_SHA256; i++) {
        first[i] = i < 16 ? i * 0x11 : (i % 8) * 0x22 + 1;
    }

    /* 01 23 45 67 89 ab cd ef */

    header = LIT("v0=" HEX0 ",v1=zz, t=01614265330 ,v1=" HEX0 ",v1=" HEX1);

    is_int(parse(header), PAYMENTS_OK, "values are read");
    is_int(sig.time, 1614265330, "time");
    is_str(sig.time_text.data, sig.time_text.len, "01614265330", 11,
           "the text of the time as sent, without blanks");
    is_int(sig.count, 2, "digests are counted, bad ones not");
    is_str(sig.digests[0], PAYMENTS_SHA256, first, PAYMENTS_SHA256,
           "the first digest");
    is_str(sig.digests[1], 18, "\xff\xee\xdd\xcc\xbb\xaa\x99\x88\x77\x66\x55"
           "\x44\x33\x22\x11\x00\xab\xcd", 18,
           "the second digest, in upper case");

    is_int(parse(LIT("t=999999999999999,v1=" HEX0)), PAYMENTS_OK,
           "the latest time");
    is_int(sig.time, INT64_C(999999999999999), "is exact");

    /* of all bytes only the 22 hex digits may stand in a digest */

    wrong = 0;

    for (i = 0; i < 256; i++) {
        if (i == ',' || i == ' ' || i == '\t') {
            continue;
        }

        header.len = sprintf(buf, "t=1,v1=" HEX0);
        header.data = (unsigned char *) buf;
        buf[header.len - 1] = i;

        wrong += (parse(header)
                  != (i != 0 && strchr("0123456789abcdefABCDEF", i) != NULL
                      ? PAYMENTS_OK : PAYMENTS_NO_MATCH));
    }

    is_int(wrong, 0, "every byte as a hex digit");

    /* and only digits in a time */

    wrong = 0;

    for (i = 0; i < 256; i++) {
        if (i == ',' || i == ' ' || i == '\t') {
            continue;
        }

        header.len = sprintf(buf, "t=1x1,v1=" HEX0);
        buf[3] = i;

        wrong += (parse(header) != (i >= '0' && i <= '9'
                                    ? PAYMENTS_OK
                                    : PAYMENTS_MALFORMED_SIGNATURE));
    }

    is_int(wrong, 0, "every byte as a digit");

    /* 63 and 64 digits */

    wrong = 0;

    for (i = 0; i <= 64; i++) {
        header.len = sprintf(buf, "t=1,v1=%.*s", i, HEX0);
        wrong += (parse(header) != (i == 64 ? PAYMENTS_OK
                                            : PAYMENTS_NO_MATCH));
    }

    is_int(wrong, 0, "every length of a digest");
}


static void
limits(void)
{
    int    i, n;
    char   buf[2 * PAYMENTS_MAX_HEADER], *p;

    for (n = 15; n <= 18; n++) {
        p = buf + sprintf(buf, "t=1");

        for (i = 0; i < n; i++) {
            p += sprintf(p, ",v1=" HEX0);
        }

        is_int(parse(text(buf)), n <= 16 ? PAYMENTS_OK
                                         : PAYMENTS_MALFORMED_SIGNATURE,
               "%d v1", n);

        if (n <= 16) {
            is_int(sig.count, n, "%d digests", n);
        }
    }

    /* unusable ones count, and v0 do not */

    p = buf + sprintf(buf, "t=1,v1=" HEX0);

    for (i = 0; i < 16; i++) {
        p += sprintf(p, ",v1=x");
    }

    is_int(parse(text(buf)), PAYMENTS_MALFORMED_SIGNATURE,
           "16 unusable v1 after a good one");

    p = buf + sprintf(buf, "t=1,v1=" HEX0);

    for (i = 0; i < 100; i++) {
        p += sprintf(p, ",v0=x");
    }

    is_int(parse(text(buf)), PAYMENTS_OK, "100 v0");

    for (n = PAYMENTS_MAX_HEADER - 1; n <= PAYMENTS_MAX_HEADER + 1; n++) {
        memset(buf, 'x', n);
        i = sprintf(buf, "t=1,v1=" HEX0 ",x=");
        buf[i] = 'x';

        is_int(parse(bytes(buf, n)),
               n <= 4096 ? PAYMENTS_OK : PAYMENTS_MALFORMED_SIGNATURE,
               "%d bytes", n);

        memset(buf, ' ', n);
        i = sprintf(buf, "t=1,v1=" HEX0);
        buf[i] = ' ';

        is_int(parse(bytes(buf, n)),
               n <= 4096 ? PAYMENTS_OK : PAYMENTS_MALFORMED_SIGNATURE,
               "%d bytes with blanks", n);
    }


    memset(buf, ',', PAYMENTS_MAX_HEADER);
    is_int(parse(bytes(buf, PAYMENTS_MAX_HEADER)),
           PAYMENTS_MALFORMED_SIGNATURE, "4096 commas");
}


static void
judgements(void)
{
    size_t   i;
    int64_t  age;

    static const struct {
        int64_t        time;
        int64_t        now;
        int64_t        tolerance;
        int64_t        future;
        int64_t        age;
        payments_rc_e  rc;
    } tests[] = {
        { 1000, 1000, 300, 300, 0, PAYMENTS_OK },
        { 1000, 1299, 300, 300, 299, PAYMENTS_OK },
        { 1000, 1300, 300, 300, 300, PAYMENTS_OK },
        { 1000, 1301, 300, 300, 301, PAYMENTS_TOO_OLD },
        { 1000, 701, 300, 300, -299, PAYMENTS_OK },
        { 1000, 700, 300, 300, -300, PAYMENTS_OK },
        { 1000, 699, 300, 300, -301, PAYMENTS_TOO_NEW },

        /* each limit alone */
        { 1000, 1301, -1, 300, 301, PAYMENTS_OK },
        { 1000, 699, -1, 300, -301, PAYMENTS_TOO_NEW },
        { 1000, 1301, 300, -1, 301, PAYMENTS_TOO_OLD },
        { 1000, 699, 300, -1, -301, PAYMENTS_OK },
        { 1000, 1301, -1, -1, 301, PAYMENTS_OK },
        { 1000, 699, -1, -1, -301, PAYMENTS_OK },

        /* none */
        { 1000, 1000, 0, 0, 0, PAYMENTS_OK },
        { 1000, 1001, 0, 0, 1, PAYMENTS_TOO_OLD },
        { 1000, 999, 0, 0, -1, PAYMENTS_TOO_NEW },

        /* far away */
        { 0, 1764020246, 300, -1, 1764020246, PAYMENTS_TOO_OLD },
        { 0, 1764020246, -1, -1, 1764020246, PAYMENTS_OK },
        { INT64_C(999999999999999), 1764020246, 300, -1,
          INT64_C(-999998235979753), PAYMENTS_OK },
        { INT64_C(999999999999999), 1764020246, -1, 300,
          INT64_C(-999998235979753), PAYMENTS_TOO_NEW },
        { INT64_C(999999999999999), 0, 300, 300,
          INT64_C(-999999999999999), PAYMENTS_TOO_NEW }
    };

    for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        memset(&sig, 0, sizeof(sig));
        sig.scheme = payments_stripe.scheme;
        sig.time = tests[i].time;
        age = 424242;

        is_int(payments_signature_judge(&sig, tests[i].now,
                                        tests[i].tolerance, tests[i].future,
                                        &age),
               tests[i].rc, "judge %zu: age %" PRId64 " of %" PRId64 " and %"
               PRId64, i, tests[i].age, tests[i].tolerance, tests[i].future);
        is_int(age, tests[i].age, "judge %zu: age", i);
    }
}


int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);

    grammar();
    values();
    limits();
    judgements();

    return done_testing();
}
