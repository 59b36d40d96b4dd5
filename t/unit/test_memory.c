
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The arena that yajl allocates from, and what happens without memory.
 */


#include "payments_arena.h"
#include "payments_event.h"
#include "payments_json.h"
#include "payments_provider.h"
#include "spool.h"


/* LDFLAGS: -Wl,--wrap=malloc,--wrap=realloc */

#define SEGMENT  "1764020246000000.host.1.0.ndjson"


static int  refused;  /* allocations from now on fail */
static int  granted;  /* but for that many */


void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);


static int
refuse(void)
{
    return refused && granted-- <= 0;
}


void *
__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}


void *
__wrap_realloc(void *p, size_t size)
{
    return refuse() ? NULL : __real_realloc(p, size);
}


static void
arena_grows(void)
{
    void              *p, *last;
    unsigned char     *old;
    payments_arena_t   arena;

    payments_arena_init(&arena, 64 * 1024);

    if (setjmp(arena.failed)) {
        ok(0, "there was memory");
        return;
    }

    p = arena.funcs.malloc(&arena, 10);
    is_int((uintptr_t) p % 16, 0, "a block is aligned");
    memset(p, 'a', 10);

    last = arena.funcs.realloc(&arena, p, 5);
    ok(last == p, "a block that shrinks stays");

    last = arena.funcs.realloc(&arena, p, 1000);
    ok(last == p, "the last block grows where it is");
    memset(p, 'b', 1000);

    arena.funcs.malloc(&arena, 1);

    old = p;
    p = arena.funcs.realloc(&arena, p, 2000);
    ok(p != old, "another one moves");
    ok(memcmp(p, old, 1000) == 0, "with what is in it");

    old = p;
    p = arena.funcs.realloc(&arena, p, 10000);
    ok(p != old, "and so does the last, where the chunk ends");
    ok(memcmp(p, old, 1000) == 0, "with what is in it");
    memset(p, 'c', 10000);

    p = arena.funcs.realloc(&arena, NULL, 3);
    ok(p != NULL, "growing from nothing is allocating");

    arena.funcs.free(&arena, p);

    payments_arena_free(&arena);
}


/* how a block of size bytes ends, with limit bytes and perhaps no malloc() */

static int
jumps(size_t limit, size_t size, int without)
{
    int               jumped;
    payments_arena_t  arena;

    payments_arena_init(&arena, limit);

    jumped = 1;

    if (!setjmp(arena.failed)) {
        refused = without;
        arena.funcs.malloc(&arena, size);
        jumped = 0;
    }

    refused = 0;

    payments_arena_free(&arena);

    return jumped;
}


static void
arena_ends(void)
{
    is_int(jumps(0, PAYMENTS_ARENA_FIRST - 16, 1), 0,
           "the first chunk needs no memory, and no limit");
    is_int(jumps(0, PAYMENTS_ARENA_FIRST, 0), 1, "what is more than that does");
    is_int(jumps(8192 + 16, 8192, 0), 0, "up to the limit");
    is_int(jumps(8192 + 15, 8192, 0), 1, "and not beyond it");
    is_int(jumps(8192 + 16, 8192, 1), 1, "nor without memory");
    is_int(jumps(SIZE_MAX, SIZE_MAX - 8, 0), 1, "sizes do not wrap");
}


/* a key of a kilobytes in escapes, which yajl decodes into its memory */

static payments_str_t
escaped(size_t kilobytes)
{
    char    *buf, *p;
    size_t   i;

    p = buf = malloc(6 * 1024 * kilobytes + 64);
    p += sprintf(p, "{\"id\":\"evt_1\",\"type\":\"x\",\"");

    for (i = 0; i < 1024 * kilobytes; i++) {
        p += sprintf(p, "\\u0041");
    }

    p += sprintf(p, "\":1}");

    return bytes(buf, p - buf);
}


static void
reader(void)
{
    payments_str_t            body;
    payments_event_t         *event;
    static payments_schema_t  schema;

    payments_schema_compile(&schema, payments_stripe.fields,
                            payments_stripe.nfields);

    event = malloc(sizeof(payments_event_t));

    body = escaped(16);

    refused = 1;
    is_int(payments_event_read(&schema, body, event), PAYMENTS_INTERNAL,
           "a body that takes memory, without it");
    refused = 0;

    is_int(payments_event_read(&schema, body, event), PAYMENTS_OK,
           "and with it");
    unbox(body);

    body = LIT("{\"id\":\"evt_1\",\"type\":\"x\"}");
    refused = 1;
    is_int(payments_event_read(&schema, body, event), PAYMENTS_OK,
           "an ordinary body takes none");
    refused = 0;

    body.len = PAYMENTS_MAX_BODY + 1;
    is_int(payments_event_read(&schema, body, event), PAYMENTS_TOO_LARGE,
           "a body over the limit is not looked at");

    free(event);
}


/* a segment that is read twice: for what it has, and for a copy of that */

static void
salvage(void)
{
    int                  rc, n;
    payments_recovery_t  recovery;

    write_file("active", SEGMENT, LIT("no line of ours\n{\"id\":\"1\"}\n"));

    for (n = 0, rc = -1; n < 100; n++) {
        granted = n;
        refused = 1;
        rc = recover(&recovery);
        refused = 0;

        if (rc == 0) {
            break;
        }

        if (access(at("active", SEGMENT), F_OK) != 0 || count("new") != 0) {
            ok(0, "allocation %d: nothing is left half done", n);
            return;
        }
    }

    granted = 0;

    ok(rc == 0 && n > 1, "each of %d allocations is missed", n);
    is_int(recovery.corrupt, 1, "with all of them it is recovered");
    is_int(count("new"), 1, "the good line, too");
    spool_clear();
}


static void
recovery(void)
{
    payments_str_t       got, line;
    payments_recovery_t  recovery;

    line = record(1, NULL);
    write_file("active", SEGMENT, line);

    refused = 1;
    is_int(recover(&recovery), -1, "recovery without memory says so");
    refused = 0;

    is_int(count("active"), 1, "and leaves the segment where it is");

    is_int(recover(&recovery), 0, "it goes on when there is some");

    got = only_file("new");
    is_str(got.data, got.len, line.data, line.len, "nothing is lost");
    unbox(got);
}


int
main(void)
{
    spool_init();

    arena_grows();
    arena_ends();
    reader();
    recovery();
    spool_clear();
    salvage();

    spool_clear();
    spool_done();

    return done_testing();
}
