
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * The directories of a spool, made by the master for its workers, and what
 * its files are named by.
 */


#include "ngx_http_payments_spool.h"


typedef struct {
    dev_t     device;
    uint64_t  id;
} ngx_http_payments_mount_t;


static ngx_int_t ngx_http_payments_spool_create(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, uid_t user);
static ngx_int_t ngx_http_payments_spool_create_below(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base, uid_t user);
static ngx_int_t ngx_http_payments_spool_sync_dirs(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base);
static ngx_int_t ngx_http_payments_spool_create_dir(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base, const char *name, uid_t user,
    ngx_http_payments_mount_t *mount);
static uint64_t ngx_http_payments_spool_mount(int fd);
static ngx_int_t ngx_http_payments_spool_own(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, const char *name, int fd,
    struct stat *st, ngx_uint_t created, uid_t user);


/*
 * Called when "http" is read, where an error rejects a configuration, and
 * again when all of it is: "user" may come later, or be left out.
 */

ngx_int_t
ngx_http_payments_spool_create_dirs(ngx_cycle_t *cycle,
    ngx_http_payments_main_conf_t *pmcf)
{
    uid_t                        user;
    ngx_uint_t                   i;
    ngx_core_conf_t             *ccf;
    ngx_http_payments_spool_t  **spool;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    user = (uid_t) NGX_CONF_UNSET_UINT;

    if (geteuid() == 0) {
        user = ccf->user;

        if (user == (uid_t) NGX_CONF_UNSET_UINT) {
            return NGX_OK;
        }
    }

    spool = pmcf->spools.elts;

    for (i = 0; i < pmcf->spools.nelts; i++) {
        if (ngx_http_payments_spool_create(cycle, spool[i], user) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_payments_spool_create(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, uid_t user)
{
    int                        base;
    ngx_int_t                  rc;
    ngx_http_payments_mount_t  mount;

    rc = ngx_http_payments_spool_create_dir(cycle, spool, AT_FDCWD, NULL,
                                            user, &mount);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    base = open((char *) spool->path.data, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (base == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\" cannot be opened",
                      &spool->path);
        return NGX_ERROR;
    }

    rc = ngx_http_payments_spool_create_below(cycle, spool, base, user);

    if (rc == NGX_OK && spool->created) {
        rc = ngx_http_payments_spool_sync_dirs(cycle, spool, base);
    }

    (void) close(base);

    return rc;
}


static ngx_int_t
ngx_http_payments_spool_create_below(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base, uid_t user)
{
    ngx_uint_t                 i, n;
    ngx_http_payments_mount_t  mounts[5];

    static const char  *names[] = {
        PAYMENTS_ACTIVE, PAYMENTS_NEW, PAYMENTS_CORRUPT,

        /* the relay's */
        PAYMENTS_RETRY, PAYMENTS_DEAD
    };

    n = (spool->relay != NULL) ? 5 : 3;

    for (i = 0; i < n; i++) {
        if (ngx_http_payments_spool_create_dir(cycle, spool, base, names[i],
                                               user, &mounts[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        /* recovery fails again and again else, and who moves a file copies */

        if (mounts[i].device != mounts[0].device
            || mounts[i].id != mounts[0].id)
        {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "\"payments_spool\" \"%V\": \"active\" and \"%s\" "
                          "are on different file systems, or mounted one by "
                          "one: a file could not be renamed", &spool->path,
                          names[i]);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* an event is no safer than the name of the directory that it is in */

static ngx_int_t
ngx_http_payments_spool_sync_dirs(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base)
{
    int        parent;
    ngx_int_t  rc;

    rc = NGX_OK;

    parent = openat(base, "..", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (parent == -1 || fsync(parent) == -1 || fsync(base) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\": its new directories cannot "
                      "be synced", &spool->path);
        rc = NGX_ERROR;
    }

    if (parent != -1) {
        (void) close(parent);
    }

    spool->created = 0;

    return rc;
}


/* the spool itself when name is NULL */

static ngx_int_t
ngx_http_payments_spool_create_dir(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, int base, const char *name, uid_t user,
    ngx_http_payments_mount_t *mount)
{
    int           fd;
    ngx_int_t     rc;
    const char   *path;
    ngx_uint_t    created;
    struct stat   st;

    path = (name != NULL) ? name : (char *) spool->path.data;
    created = 0;
    rc = NGX_ERROR;

    if (mkdirat(base, path, 0700) == 0) {
        created = 1;
        spool->created = 1;

    } else if (ngx_errno != NGX_EEXIST) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\": directory \"%s\" cannot be "
                      "created", &spool->path, path);
        return NGX_ERROR;
    }

    fd = openat(base, path, O_RDONLY|O_DIRECTORY|O_CLOEXEC
                            |(name != NULL ? O_NOFOLLOW : 0));

    if (fd == -1 || fstat(fd, &st) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\": \"%s\" cannot be opened as "
                      "a directory", &spool->path, path);

    } else if (name != NULL
               && faccessat(fd, ".", W_OK|X_OK, AT_EACCESS) == -1)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\": directory \"%s\" cannot be "
                      "written", &spool->path, path);

    } else {
        mount->device = st.st_dev;
        mount->id = ngx_http_payments_spool_mount(fd);
        rc = ngx_http_payments_spool_own(cycle, spool, path, fd, &st,
                                         created || name != NULL, user);
    }

    if (fd != -1) {
        (void) close(fd);
    }

    return rc;
}


/* two mounts of one file system are two to rename(); 0 where nobody knows */

static uint64_t
ngx_http_payments_spool_mount(int fd)
{
#ifdef STATX_MNT_ID

    struct statx  st;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) == 0
        && (st.stx_mask & STATX_MNT_ID))
    {
        return st.stx_mnt_id;
    }

#endif

    return 0;
}


/* a spool that was there before us keeps its owner: it may be /var/spool */

static ngx_int_t
ngx_http_payments_spool_own(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool, const char *name, int fd,
    struct stat *st, ngx_uint_t ours, uid_t user)
{
    mode_t  mode;

    if (!ours) {
        return NGX_OK;
    }

    if ((user != (uid_t) NGX_CONF_UNSET_UINT && st->st_uid != user)
        || (spool->gid != (gid_t) -1 && st->st_gid != spool->gid))
    {
        if (fchown(fd, user, spool->gid) == -1) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                          "\"payments_spool\" \"%V\": directory \"%s\" cannot "
                          "be given to the workers' user, or to group=%V",
                          &spool->path, name, &spool->group);
            return NGX_ERROR;
        }
    }

    mode = (spool->gid != (gid_t) -1) ? 02770 : 0750;

    if ((st->st_mode & 07777) != mode && fchmod(fd, mode) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "\"payments_spool\" \"%V\": the mode of directory "
                      "\"%s\" cannot be set", &spool->path, name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_payments_spool_host(ngx_cycle_t *cycle,
    ngx_http_payments_spool_t *spool)
{
    spool->host = ngx_pnalloc(cycle->pool, cycle->hostname.len + 1);
    if (spool->host == NULL) {
        return NGX_ERROR;
    }

    ngx_cpystrn((u_char *) spool->host, cycle->hostname.data,
                cycle->hostname.len + 1);

    return NGX_OK;
}
