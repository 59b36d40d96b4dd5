
// Copyright (C) 2026 ngx_http_payments_module contributors

// What is often written in njs for a gateway's signature

var crypto = require('crypto');


function right(r) {
    var t, v1 = [];

    (r.headersIn['Stripe-Signature'] || '').split(',').forEach(function(s) {
        var i = s.indexOf('=');

        if (s.slice(0, i) === 't') {
            t = s.slice(i + 1);
        }

        if (s.slice(0, i) === 'v1') {
            v1.push(s.slice(i + 1));
        }
    });

    if (!t || Math.abs(Date.now() / 1000 - Number(t)) > 300) {
        return false;
    }

    return v1.indexOf(crypto.createHmac('sha256', 'SECRET')
                            .update(t + '.').update(r.requestBuffer)
                            .digest('hex')) !== -1;
}


function check(r) {
    r.return(right(r) ? 204 : 400);
}


function check_json(r) {
    var event;

    if (!right(r)) {
        r.return(400);
        return;
    }

    try {
        event = JSON.parse(r.requestText);

    } catch (e) {
        r.return(400);
        return;
    }

    r.return(event.id && event.type ? 204 : 400);
}


export default { check, check_json };
