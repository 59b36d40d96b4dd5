
-- Copyright (C) 2026 ngx_http_payments_module contributors

-- The same for lua-nginx-module, with libcrypto's HMAC: nginx links it

local cjson = require "cjson"
local ffi = require "ffi"

ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_len,
                    const char *d, size_t n, unsigned char *out,
                    unsigned int *out_len);
int CRYPTO_memcmp(const void *a, const void *b, size_t n);
]]

local C = ffi.C
local key = "SECRET"
local sha256 = C.EVP_sha256()
local out = ffi.new("unsigned char[64]")
local out_len = ffi.new("unsigned int[1]")
local hex = ffi.new("char[64]")
local digits = "0123456789abcdef"

local M = {}


local function right(body)
    local header = ngx.var.http_stripe_signature or ""
    local t = header:match("t=(%d+)")

    if not t or not body or math.abs(ngx.time() - tonumber(t)) > 300 then
        return false
    end

    local signed = t .. "." .. body

    if C.HMAC(sha256, key, #key, signed, #signed, out, out_len) == nil then
        return false
    end

    for i = 0, 31 do
        hex[2 * i] = digits:byte(bit.rshift(out[i], 4) + 1)
        hex[2 * i + 1] = digits:byte(bit.band(out[i], 15) + 1)
    end

    for v1 in header:gmatch("v1=(%x+)") do
        if #v1 == 64 and C.CRYPTO_memcmp(v1, hex, 64) == 0 then
            return true
        end
    end

    return false
end


function M.check()
    ngx.req.read_body()
    ngx.exit(right(ngx.req.get_body_data()) and 204 or 400)
end


function M.check_json()
    ngx.req.read_body()

    local body = ngx.req.get_body_data()

    if not right(body) then
        return ngx.exit(400)
    end

    local ok, event = pcall(cjson.decode, body)

    ngx.exit(ok and event.id and event.type and 204 or 400)
end


return M
