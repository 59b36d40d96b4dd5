
-- Copyright (C) 2026 ngx_http_payments_module contributors

-- A reader that takes its time: milliseconds between two requests of wrk.

function delay()
    return 10
end
