
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <string.h>

#include "payments_out.h"
#include "payments_text.h"


void
payments_out_bytes(payments_out_t *out, const void *data, size_t len)
{
    size_t                n;
    const unsigned char  *p;

    p = data;

    while (len != 0 && !out->failed) {

        if (out->pos == out->end && out->more(out) != 0) {
            out->failed = 1;
            return;
        }

        n = (size_t) (out->end - out->pos);
        n = (len < n) ? len : n;

        memcpy(out->pos, p, n);

        out->pos += n;
        p += n;
        len -= n;
    }
}


void
payments_out(payments_out_t *out, const char *text)
{
    payments_out_bytes(out, text, strlen(text));
}


void
payments_out_integer(payments_out_t *out, int64_t n)
{
    unsigned char  buf[PAYMENTS_INTEGER_LEN];

    payments_out_bytes(out, buf,
                       (size_t) (payments_write_integer(buf, n) - buf));
}


void
payments_out_seconds(payments_out_t *out, uint64_t us)
{
    int            i;
    uint64_t       fraction;
    unsigned char  buf[6];

    payments_out_integer(out, (int64_t) (us / 1000000));

    fraction = us % 1000000;

    for (i = 5; i >= 0; i--) {
        buf[i] = (unsigned char) ('0' + fraction % 10);
        fraction /= 10;
    }

    payments_out(out, ".");
    payments_out_bytes(out, buf, sizeof(buf));
}


void
payments_out_string(payments_out_t *out, payments_str_t str)
{
    int            valid;
    size_t         i;
    unsigned char  c;

    valid = payments_utf8_valid(str.data, str.len);

    payments_out(out, "\"");

    for (i = 0; i < str.len; i++) {
        c = str.data[i];

        if (c == '"' || c == '\\') {
            payments_out(out, "\\");

        } else if (c == '\n') {
            payments_out(out, "\\n");
            continue;

        } else if (c < 0x20 || c == 0x7f || (c > 0x7f && !valid)) {
            c = '?';
        }

        payments_out_bytes(out, &c, 1);
    }

    payments_out(out, "\"");
}
