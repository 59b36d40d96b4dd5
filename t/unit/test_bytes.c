
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * As the module is built for this machine.
 */


#include "bytes.h"
