
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * UTF-8 and JSON once more, as the RFCs say it and not as the core or yajl
 * do it: slow, and simple enough to be believed.
 */


#ifndef _SLOW_H_INCLUDED_
#define _SLOW_H_INCLUDED_


#include "fuzz.h"


/* a token and its bytes: { } [ ] k(ey) s(tring) n(umber) t(rue) f(alse) z */

typedef struct {
    char            kind;
    size_t          depth;    /* of what is around it */
    payments_str_t  raw;      /* of a string, with its quotes */
} slow_token_t;


typedef struct {
    slow_token_t  *list;
    size_t         n;
    size_t         size;
    size_t         depth;     /* the deepest nesting */
    unsigned       halves;    /* half a surrogate pair is in a string */
} slow_json_t;


/* RFC 3629: a code point is right when its shortest form is these bytes */

static inline int
slow_utf8(payments_str_t str)
{
    size_t         i, k, n, len;
    uint32_t       c;
    unsigned char  form[4];

    for (i = 0; i < str.len; i += n) {
        c = str.data[i];

        n = (c < 0x80) ? 1 : (c >> 5) == 6 ? 2 : (c >> 4) == 14 ? 3
            : (c >> 3) == 30 ? 4 : 0;

        if (n == 0 || n > str.len - i) {
            return 0;
        }

        if (n > 1) {
            c &= 0x7f >> n;
        }

        for (k = 1; k < n; k++) {
            c = c << 6 | (str.data[i + k] & 0x3f);
        }

        len = (c < 0x80) ? 1 : (c < 0x800) ? 2 : (c < 0x10000) ? 3 : 4;

        for (k = len; k > 1; k--) {
            form[k - 1] = 0x80 | (c >> 6 * (len - k) & 0x3f);
        }

        form[0] = (c >> 6 * (len - 1))
                  | (len == 1 ? 0 : 0xff << (8 - len));

        if (len != n || memcmp(form, str.data + i, n) != 0
            || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        {
            return 0;
        }
    }

    return 1;
}


static inline size_t
slow_blanks(payments_str_t str, size_t i)
{
    while (i < str.len && memchr(" \t\r\n", str.data[i], 4) != NULL) {
        i++;
    }

    return i;
}


static inline int
slow_hex(payments_str_t str, size_t i, unsigned *n)
{
    size_t       k;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef0123456789ABCDEF";

    *n = 0;

    for (k = i; k < i + 4; k++) {
        if (k >= str.len) {
            return 0;
        }

        digit = memchr(digits, str.data[k], sizeof(digits) - 1);

        if (digit == NULL) {
            return 0;
        }

        *n = *n * 16 + (digit - digits) % 16;
    }

    return 1;
}


/* these return where the token at i ends, or 0 when there is none */

static inline size_t
slow_string(payments_str_t str, size_t i)
{
    unsigned  n;

    if (str.data[i] != '"') {
        return 0;
    }

    for (i++; i < str.len; i++) {

        if (str.data[i] == '"') {
            return i + 1;
        }

        if (str.data[i] < 0x20) {
            return 0;
        }

        if (str.data[i] != '\\') {
            continue;
        }

        i++;

        if (i == str.len) {
            return 0;
        }

        if (str.data[i] == 'u') {
            if (!slow_hex(str, i + 1, &n)) {
                return 0;
            }

            i += 4;

        } else if (memchr("\"\\/bfnrt", str.data[i], 8) == NULL) {
            return 0;
        }
    }

    return 0;
}


static inline size_t
slow_digits(payments_str_t str, size_t i)
{
    size_t  start;

    start = i;

    while (i < str.len && str.data[i] >= '0' && str.data[i] <= '9') {
        i++;
    }

    return i == start ? 0 : i;
}


static inline size_t
slow_number(payments_str_t str, size_t i)
{
    size_t  start;

    if (str.data[i] == '-') {
        i++;
    }

    start = i;
    i = slow_digits(str, i);

    if (i == 0 || (str.data[start] == '0' && i != start + 1)) {
        return 0;
    }

    if (i < str.len && str.data[i] == '.') {
        i = slow_digits(str, i + 1);
        if (i == 0) {
            return 0;
        }
    }

    if (i < str.len && (str.data[i] == 'e' || str.data[i] == 'E')) {
        i++;

        if (i < str.len && (str.data[i] == '+' || str.data[i] == '-')) {
            i++;
        }

        i = slow_digits(str, i);
    }

    return i;
}


static inline size_t
slow_word(payments_str_t str, size_t i, const char *word)
{
    size_t  len;

    len = strlen(word);

    return str.len - i >= len && memcmp(str.data + i, word, len) == 0
           ? i + len : 0;
}


static inline void
slow_add(slow_json_t *json, char kind, size_t depth, payments_str_t raw)
{
    slow_token_t  *token;

    if (json->n == json->size) {
        json->size = 2 * json->size + 64;
        json->list = realloc(json->list, json->size * sizeof(slow_token_t));
        property(json->list != NULL);
    }

    token = &json->list[json->n++];
    token->kind = kind;
    token->depth = depth;
    token->raw = raw;
}


/*
 * The string's value in out, of raw.len bytes.  *halves is set when it has
 * half a surrogate pair: what that means, no RFC says.
 */

static inline payments_str_t
slow_decode(payments_str_t raw, unsigned char *out, unsigned *halves)
{
    size_t          i, k, len;
    unsigned        c, low;
    const char     *p;
    payments_str_t  str;

    static const char  names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";

    str.data = out;
    str.len = 0;

    for (i = 1; i < raw.len - 1; i++) {

        if (raw.data[i] != '\\') {
            out[str.len++] = raw.data[i];
            continue;
        }

        i++;
        p = strchr(names, raw.data[i]);

        if (p != NULL) {
            out[str.len++] = values[p - names];
            continue;
        }

        slow_hex(raw, i + 1, &c);
        i += 4;

        if (c >= 0xd800 && c <= 0xdbff && raw.data[i + 1] == '\\'
            && raw.data[i + 2] == 'u' && slow_hex(raw, i + 3, &low)
            && low >= 0xdc00 && low <= 0xdfff)
        {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
        }

        if (c >= 0xd800 && c <= 0xdfff) {
            *halves = 1;
        }

        len = (c < 0x80) ? 1 : (c < 0x800) ? 2 : (c < 0x10000) ? 3 : 4;

        for (k = len; k > 1; k--) {
            out[str.len + k - 1] = 0x80 | (c >> 6 * (len - k) & 0x3f);
        }

        out[str.len] = (c >> 6 * (len - 1))
                       | (len == 1 ? 0 : 0xff << (8 - len));
        str.len += len;
    }

    return str;
}


/* the scalar at i; its kind, or 0 */

static inline char
slow_scalar(payments_str_t str, size_t i, size_t *end)
{
    if ((*end = slow_string(str, i)) != 0) {
        return 's';
    }

    if ((*end = slow_number(str, i)) != 0) {
        return 'n';
    }

    if ((*end = slow_word(str, i, "true")) != 0) {
        return 't';
    }

    if ((*end = slow_word(str, i, "false")) != 0) {
        return 'f';
    }

    return (*end = slow_word(str, i, "null")) != 0 ? 'z' : 0;
}


/*
 * RFC 8259: 1 and the tokens when the text is one value with nothing but
 * blanks around it, else 0.  To be freed in both cases.
 */

static inline int
slow_json(slow_json_t *json, payments_str_t str)
{
    char            kind, *open;
    size_t          i, end, depth;
    payments_str_t  raw;
    unsigned char  *out;

    enum { VALUE, VALUE_OR_END, KEY, KEY_OR_END, NEXT }  want;

    memset(json, 0, sizeof(slow_json_t));

    open = fuzz_alloc(str.len);
    out = fuzz_alloc(str.len);
    depth = 0;
    want = VALUE;
    i = 0;

    for ( ;; ) {
        i = slow_blanks(str, i);

        if (want == NEXT && depth == 0) {
            break;
        }

        if (i == str.len) {
            goto bad;
        }

        raw.data = str.data + i;
        raw.len = 1;
        kind = raw.data[0];

        if ((kind == '}' && open[depth - (depth != 0)] == '{'
             && (want == KEY_OR_END || want == NEXT))
            || (kind == ']' && open[depth - (depth != 0)] == '['
                && (want == VALUE_OR_END || want == NEXT)))
        {
            slow_add(json, kind, --depth, raw);
            want = NEXT;
            i++;
            continue;
        }

        if (want == NEXT) {
            if (kind != ',') {
                goto bad;
            }

            want = (open[depth - 1] == '{') ? KEY : VALUE;
            i++;
            continue;
        }

        if (want == KEY || want == KEY_OR_END) {
            end = slow_string(str, i);

            if (end == 0) {
                goto bad;
            }

            raw.len = end - i;
            slow_decode(raw, out, &json->halves);
            slow_add(json, 'k', depth, raw);

            i = slow_blanks(str, end);

            if (i == str.len || str.data[i] != ':') {
                goto bad;
            }

            want = VALUE;
            i++;
            continue;
        }

        if (kind == '{' || kind == '[') {
            slow_add(json, kind, depth, raw);
            open[depth++] = kind;

            if (depth > json->depth) {
                json->depth = depth;
            }

            want = (kind == '{') ? KEY_OR_END : VALUE_OR_END;
            i++;
            continue;
        }

        kind = slow_scalar(str, i, &end);

        if (kind == 0) {
            goto bad;
        }

        raw.len = end - i;

        if (kind == 's') {
            slow_decode(raw, out, &json->halves);
        }

        slow_add(json, kind, depth, raw);
        want = NEXT;
        i = end;
    }

    free(open);
    free(out);

    return i == str.len;

bad:

    free(open);
    free(out);

    return 0;
}


static inline void
slow_free(slow_json_t *json)
{
    free(json->list);
}


/* the value at a path of nested objects: the first one, or NULL */

static inline const slow_token_t *
slow_find(const slow_json_t *json, const char *path)
{
    size_t           i, depth;
    unsigned         halves;
    payments_str_t   key, name;
    unsigned char   *out;

    if (json->n == 0) {
        return NULL;
    }

    depth = 0;
    i = 0;

    while (path[0] != '\0') {

        if (json->list[i].kind != '{') {
            return NULL;
        }

        name.data = (const unsigned char *) path;
        name.len = strcspn(path, ".");
        path += name.len + (path[name.len] == '.');
        depth++;

        for (i++; ; i++) {

            if (json->list[i].depth < depth) {
                return NULL;
            }

            if (json->list[i].depth > depth || json->list[i].kind != 'k') {
                continue;
            }

            out = fuzz_alloc(json->list[i].raw.len);
            key = slow_decode(json->list[i].raw, out, &halves);

            if (fuzz_same(key, name)) {
                free(out);
                break;
            }

            free(out);
        }

        i++;
    }

    return &json->list[i];
}


#endif /* _SLOW_H_INCLUDED_ */
