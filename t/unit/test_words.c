
/*
 * Copyright (C) 2026 ngx_http_payments_module contributors
 *
 * As it is built where there is no SSE2.
 */


#define PAYMENTS_NO_SSE2

#include "bytes.h"
