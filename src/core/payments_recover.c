
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 */


#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payments_lines.h"
#include "payments_segment.h"


/* a salvaged segment before it is complete */
#define PAYMENTS_SALVAGE    ".salvage"


/* the directories, and the file that is being recovered */

typedef struct {
    const payments_spool_t  *spool;
    int                      active;
    int                      new;
    unsigned                 unsafe;   /* a sync of new has failed */
    int                      fd;
    const char              *name;
    payments_line_pt         each;
    void                    *data;
    payments_fault_t        *fault;
} payments_recover_t;


/* what is in a file */

typedef struct {
    off_t                    size;
    off_t                    good;     /* bytes of good lines at its start */
    unsigned                 lines;    /* good ones */
    unsigned                 bad;      /* complete, and not of ours */
    unsigned                 torn;     /* more than zeros behind the last */
} payments_survey_t;


static int payments_recover_segment(payments_recover_t *rec,
    payments_recovery_t *recovery);
static int payments_recover_own(payments_recover_t *rec);
static int payments_recover_survey(payments_recover_t *rec,
    payments_survey_t *survey);
static int payments_recover_rest(const payments_lines_t *lines);
static int payments_recover_cut(payments_recover_t *rec,
    const payments_survey_t *survey);
static int payments_recover_salvage(payments_recover_t *rec,
    const payments_survey_t *survey);
static int payments_recover_extract(payments_recover_t *rec);
static int payments_recover_sync(payments_recover_t *rec);
static int payments_recover_copy(payments_recover_t *rec, int out);
static void payments_recover_tell(payments_recover_t *rec);
static int payments_is_segment(const char *name);


int
payments_segment_recover(const payments_spool_t *spool,
    payments_line_pt each, void *data, payments_recovery_t *recovery,
    payments_fault_t *fault)
{
    int                  rc, next;
    DIR                 *dir;
    payments_recover_t   rec;

    memset(recovery, 0, sizeof(payments_recovery_t));

    rec.spool = spool;
    rec.unsafe = 0;
    rec.each = each;
    rec.data = data;
    rec.fault = fault;

    rec.active = payments_spool_open(spool, PAYMENTS_ACTIVE, fault);
    if (rec.active == -1) {
        return -1;
    }

    rec.new = payments_spool_open(spool, PAYMENTS_NEW, fault);
    if (rec.new == -1) {
        close(rec.active);
        return -1;
    }

    dir = payments_spool_dir(rec.active, fault);
    if (dir == NULL) {
        close(rec.new);
        return -1;
    }

    rc = 0;

    for ( ;; ) {
        next = payments_spool_entry(dir, &rec.name, fault);

        if (next != 1) {
            break;
        }

        if (payments_is_segment(rec.name)
            && payments_recover_segment(&rec, recovery) != 0)
        {
            rc = -1;
        }
    }

    if (next != 0) {
        rc = -1;
    }

    if (recovery->sealed && payments_recover_sync(&rec) != 0) {
        rc = -1;
    }

    closedir(dir);
    close(rec.new);

    return rc;
}


static int
payments_recover_segment(payments_recover_t *rec,
    payments_recovery_t *recovery)
{
    int                rc;
    payments_survey_t  survey;

    rc = payments_recover_own(rec);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    rc = payments_recover_survey(rec, &survey);

    if (rc == 0) {

        if (survey.bad) {
            rc = payments_recover_salvage(rec, &survey);
            recovery->corrupt += (rc == 0);

        } else if (survey.lines) {
            rc = payments_recover_cut(rec, &survey);

        } else if (unlinkat(rec->active, rec->name, 0) != 0) {
            rc = payments_fault(rec->fault, "unlinkat");
        }

        if (rc == 0) {
            recovery->sealed += (survey.lines != 0);
            recovery->removed += (survey.lines == 0 && survey.bad == 0);
            recovery->cut += (survey.torn && survey.bad == 0);
        }
    }

    if (rc == 0 && survey.lines && rec->each != NULL) {
        payments_recover_tell(rec);
    }

    close(rec->fd);

    return rc;
}


/* 0, -1, or 1 when the segment is another's: its owner lives, or sealed it */

static int
payments_recover_own(payments_recover_t *rec)
{
    int          rc;
    struct stat  st, named;

    rec->fd = openat(rec->active, rec->name,
                     O_RDWR|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (rec->fd == -1) {

        /* sealed meanwhile, or no file of ours */

        if (errno == ENOENT || errno == ELOOP || errno == EISDIR) {
            return 1;
        }

        return payments_fault(rec->fault, "openat");
    }

    if (flock(rec->fd, LOCK_EX|LOCK_NB) != 0) {
        rc = (errno == EWOULDBLOCK) ? 1 : payments_fault(rec->fault, "flock");
        goto failed;
    }

    if (fstat(rec->fd, &st) != 0) {
        rc = payments_fault(rec->fault, "fstat");
        goto failed;
    }

    if (fstatat(rec->active, rec->name, &named, AT_SYMLINK_NOFOLLOW) != 0) {
        rc = (errno == ENOENT) ? 1 : payments_fault(rec->fault, "fstatat");
        goto failed;
    }

    if (!S_ISREG(st.st_mode) || named.st_ino != st.st_ino) {
        rc = 1;
        goto failed;
    }

    return 0;

failed:

    close(rec->fd);

    return rc;
}


static int
payments_recover_survey(payments_recover_t *rec, payments_survey_t *survey)
{
    int               rc;
    off_t             pos;
    unsigned          holes;
    payments_str_t    line;
    payments_lines_t  lines;

    payments_lines_init(&lines, rec->fd);

    memset(survey, 0, sizeof(payments_survey_t));
    pos = 0;
    holes = 0;

    for ( ;; ) {
        rc = payments_lines_next(&lines, &line, rec->fault);

        if (rc != 1) {
            break;
        }

        pos += line.len;

        if (!payments_lines_judge(line)) {
            survey->torn = 1;

            /* zeros written ahead: if nothing good follows, a torn commit */

            if (memchr(line.data, '\0', line.len) != NULL) {
                holes++;

            } else {
                survey->bad++;
            }

            continue;
        }

        survey->lines++;
        survey->bad += holes;
        survey->torn = 0;
        holes = 0;

        if (survey->bad == 0) {
            survey->good = pos;
        }
    }

    survey->size = lines.offset;

    survey->torn |= payments_recover_rest(&lines);

    payments_lines_free(&lines);

    return rc;
}


/* 1 when what has no newline is more than zeros that were written ahead */

static int
payments_recover_rest(const payments_lines_t *lines)
{
    size_t  i;

    for (i = lines->start; i < lines->end; i++) {
        if (lines->buf[i] != '\0') {
            return 1;
        }
    }

    return 0;
}


static int
payments_recover_cut(payments_recover_t *rec, const payments_survey_t *survey)
{
    if (survey->good != survey->size
        && ftruncate(rec->fd, survey->good) != 0)
    {
        return payments_fault(rec->fault, "ftruncate");
    }

    /* also what was whole: its owner may have died before the sync */

    if (rec->spool->sync && fdatasync(rec->fd) != 0) {
        return payments_fault(rec->fault, "fdatasync");
    }

    if (renameat(rec->active, rec->name, rec->new, rec->name) != 0) {
        return payments_fault(rec->fault, "renameat");
    }

    return 0;
}


/*
 * The good lines go to new before the original goes to corrupt: a crash
 * in between delivers them twice, not never.
 */

static int
payments_recover_salvage(payments_recover_t *rec,
    const payments_survey_t *survey)
{
    int  rc, corrupt;

    corrupt = payments_spool_open(rec->spool, PAYMENTS_CORRUPT, rec->fault);
    if (corrupt == -1) {
        return -1;
    }

    rc = survey->lines ? payments_recover_extract(rec) : 0;

    if (rc == 0
        && renameat(rec->active, rec->name, corrupt, rec->name) != 0)
    {
        rc = payments_fault(rec->fault, "renameat");
    }

    close(corrupt);

    return rc;
}


static int
payments_recover_extract(payments_recover_t *rec)
{
    int   rc, out;
    char  name[PAYMENTS_SEGMENT_NAME + sizeof(PAYMENTS_SALVAGE)];

    snprintf(name, sizeof(name), "%s%s", rec->name, PAYMENTS_SALVAGE);

    out = openat(rec->active, name,
                 O_RDWR|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC,
                 rec->spool->mode);
    if (out == -1) {
        return payments_fault(rec->fault, "openat");
    }

    rc = -1;

    if (fchmod(out, rec->spool->mode) != 0) {
        payments_fault(rec->fault, "fchmod");

    } else if (payments_recover_copy(rec, out) != 0) {
        /* noted */

    } else if (rec->spool->sync && fdatasync(out) != 0) {
        payments_fault(rec->fault, "fdatasync");

    } else if (renameat(rec->active, name, rec->new, rec->name) != 0) {
        payments_fault(rec->fault, "renameat");

    } else {
        rc = payments_recover_sync(rec);
    }

    close(out);

    return rc;
}


/* what is in new; its descriptor is not asked again after an error */

static int
payments_recover_sync(payments_recover_t *rec)
{
    if (!rec->spool->sync) {
        return 0;
    }

    if (rec->unsafe) {
        return -1;
    }

    if (fsync(rec->new) != 0) {
        rec->unsafe = 1;
        return payments_fault(rec->fault, "fsync");
    }

    return 0;
}


static int
payments_recover_copy(payments_recover_t *rec, int out)
{
    int               rc;
    ssize_t           n;
    payments_str_t    line;
    payments_lines_t  lines;

    payments_lines_init(&lines, rec->fd);

    for ( ;; ) {
        rc = payments_lines_next(&lines, &line, rec->fault);

        if (rc != 1) {
            break;
        }

        if (!payments_lines_judge(line)) {
            continue;
        }

        while (line.len) {
            n = write(out, line.data, line.len);

            if (n == -1 && errno == EINTR) {
                continue;
            }

            if (n <= 0) {
                rc = payments_fault(rec->fault, "write");
                goto done;
            }

            line.data += n;
            line.len -= n;
        }
    }

done:

    payments_lines_free(&lines);

    return rc;
}


/* the good lines of the original are those of the copy, too */

static void
payments_recover_tell(payments_recover_t *rec)
{
    payments_str_t    line;
    payments_fault_t  fault;
    payments_lines_t  lines;

    payments_lines_init(&lines, rec->fd);

    while (payments_lines_next(&lines, &line, &fault) == 1) {
        if (payments_lines_judge(line)) {
            rec->each(rec->data, line);
        }
    }

    payments_lines_free(&lines);
}


static int
payments_is_segment(const char *name)
{
    return strlen(name) < PAYMENTS_SEGMENT_NAME
           && payments_spool_suffixed(name);
}
