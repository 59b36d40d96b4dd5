
-- Copyright (C) 2026 ngx_http_payments_module contributors

-- Prepared requests for wrk:
--
--     wrk ... -s post.lua URL -- file path variants first
--
-- file: of BenchEvents.pm.  path: where they are posted to.  With variants not
-- 0 that many are posted to, each event to path .. "0/", then each to
-- path .. "1/" and so on: different events for a server that has those
-- variants.  first: how many to leave out.  At the end a line for bench.pl.

local requests = {}
local count = 0
local path, variants
local next_one


function init(args)
    local f = assert(io.open(args[1], "rb"))

    path = args[2]
    variants = tonumber(args[3])
    next_one = tonumber(args[4])

    for length in f:lines() do
        local request = f:read(tonumber(length))

        if variants == 0 then
            request = "POST " .. path .. request
        end

        requests[count] = request
        count = count + 1
    end

    f:close()
end


function request()
    local i = next_one

    next_one = i + 1

    if variants == 0 then
        return requests[i % count]
    end

    return "POST " .. path .. (math.floor(i / count) % variants) .. "/"
           .. requests[i % count]
end


function done(summary, latency)
    local e = summary.errors

    print(string.format("bench: %d %d %d %d %.1f %.1f %.1f", summary.requests,
                        summary.duration, e.status,
                        e.connect + e.read + e.write + e.timeout,
                        latency:percentile(50), latency:percentile(99),
                        latency.max))
end
