#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The envelope is what an application reads instead of each gateway's own
# form: one line of CloudEvents 1.0, with the gateway's bytes in it.  Here it
# is seen at the end of the whole way of a request.

use lib 't/lib';
use PaymentsTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: every field of a paid checkout, on one line
--- event
{
  "id": "evt_1",
  "object": "event",
  "api_version": "2025-03-31.basil",
  "account": "acct_1",
  "created": 1764020246,
  "livemode": false,
  "type": "checkout.session.completed",
  "data": {"object": {
    "id": "cs_test_1", "object": "checkout.session",
    "status": "complete", "payment_status": "paid",
    "amount_total": 2000, "currency": "usd",
    "client_reference_id": "6c4a"
  }}
}
--- result
accepted
--- line eval
'{"specversion":"1.0","id":"evt_1","source":"/payments/process/stripe",'
. '"type":"com.stripe.checkout.session.completed","subject":"cs_test_1",'
. '"time":"2025-11-24T21:37:26Z","datacontenttype":"application/json",'
. '"data":{"variant":"stripe","provider":"stripe","signed":"body",'
. '"event":"checkout.session.completed","status":"confirmed",'
. '"fraud_status":null,"token":"6c4a","transaction_id":"cs_test_1",'
. '"amount":2000,"amount_decimal":"20.00","captured_amount":2000,'
. '"refunded_amount":null,"currency":"usd","livemode":false,'
. '"account":"acct_1","api_version":"2025-03-31.basil",'
. '"created":1764020246,"received":"{received}","payload":'
. '{   "id": "evt_1",   "object": "event",'
. '   "api_version": "2025-03-31.basil",   "account": "acct_1",'
. '   "created": 1764020246,   "livemode": false,'
. '   "type": "checkout.session.completed",   "data": {"object": {'
. '     "id": "cs_test_1", "object": "checkout.session",'
. '     "status": "complete", "payment_status": "paid",'
. '     "amount_total": 2000, "currency": "usd",'
. '     "client_reference_id": "6c4a"   }} }}}'



=== TEST 2: an event that says next to nothing
--- event chomp
{"id":"evt_1","type":"a"}
--- result
accepted
--- line eval
'{"specversion":"1.0","id":"evt_1","source":"/payments/process/stripe",'
. '"type":"com.stripe.a","datacontenttype":"application/json",'
. '"data":{"variant":"stripe","provider":"stripe","signed":"body",'
. '"event":"a","status":null,"fraud_status":null,"token":null,'
. '"transaction_id":null,"amount":null,"amount_decimal":null,'
. '"captured_amount":null,"refunded_amount":null,"currency":null,'
. '"livemode":null,"account":null,"api_version":null,"created":null,'
. '"received":"{received}","payload":{"id":"evt_1","type":"a"}}}'



=== TEST 3: received is the present time
--- result
accepted
--- afterwards
my ($line) = map { whole_file($_) } glob "$spool/new/*";
my @t = $line =~ /"received":"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.\d{3}Z"/;

require Time::Local;

my $age = time() - Time::Local::timegm($t[5], $t[4], $t[3], $t[2], $t[1] - 1,
                                       $t[0]);
cmp_ok(abs $age, '<', 30, 'give or take the time of a test');



=== TEST 4: a thin event points to its object
--- event
{"id":"evt_test_1","object":"v2.core.event","type":"v2.core.account.updated",
 "livemode":false,"created":"2025-11-24T21:37:26.104Z","reason":null,
 "context":"acct_9",
 "related_object":{"id":"acct_1","type":"v2.core.account","url":"/v2/x"}}
--- result
accepted
--- envelope
id = "evt_test_1"
type = "com.stripe.v2.core.account.updated"
subject = "acct_1"
time = "2025-11-24T21:37:26.104Z"
data.event = "v2.core.account.updated"
data.transaction_id = "acct_1"
data.created = 1764020246
data.livemode = false
data.account = "acct_9"
data.status = null
data.amount = null
data.payload.related_object.id = "acct_1"



=== TEST 5: the status that a checkout's fields say, not its type
--- event eval
my $session = sub {
    my ($type, $status, $paid) = @_;

    return qq({"id":"evt_1","type":"checkout.session.$type","data":{"object":)
           . qq({"id":"cs_1","status":"$status","payment_status":"$paid"}}});
};
[$session->('completed', 'complete', 'paid'),
 $session->('completed', 'complete', 'no_payment_required'),
 $session->('completed', 'complete', 'unpaid'),
 $session->('expired', 'expired', 'unpaid'),
 $session->('async_payment_succeeded', 'complete', 'paid'),
 $session->('async_payment_failed', 'complete', 'unpaid')]
--- sign eval
"age=0\n" x 6
--- result eval
"accepted\n" x 6
--- envelope
1/data.status = "confirmed"
2/data.status = "confirmed"
3/data.status = "waiting"
4/data.status = "rejected"
5/data.status = "confirmed"
6/data.status = "rejected"



=== TEST 6: the status of other types
--- event eval
my @types = ('payment_intent.succeeded', 'payment_intent.payment_failed',
             'payment_intent.canceled', 'payment_intent.processing',
             'payment_intent.requires_action',
             'payment_intent.amount_capturable_updated', 'charge.captured',
             'charge.failed', 'charge.dispute.created', 'customer.created');
[map { qq({"id":"evt_1","type":"$_","data":{"object":{"id":"x"}}}) } @types]
--- sign eval
"age=0\n" x 10
--- result eval
"accepted\n" x 10
--- envelope
1/data.status = "confirmed"
2/data.status = "rejected"
3/data.status = "cancelled"
4/data.status = "waiting"
5/data.status = "input"
6/data.status = "preauth"
7/data.status = "confirmed"
8/data.status = "rejected"
9/data.status = null
9/data.fraud_status = "review"
10/data.status = null
10/data.fraud_status = null



=== TEST 7: charges and refunds
--- event eval
my $charge = sub {
    return qq({"id":"evt_1","type":"charge.$_[0]","data":{"object":)
           . qq({"id":"ch_1","currency":"eur","amount":2000,$_[1]}}});
};
[$charge->('succeeded', '"captured":true,"amount_captured":2000'),
 $charge->('succeeded', '"captured":false,"amount_captured":0'),
 $charge->('refunded', '"refunded":true,"amount_refunded":2000'),
 $charge->('refunded', '"refunded":false,"amount_refunded":500')]
--- sign eval
"age=0\n" x 4
--- result eval
"accepted\n" x 4
--- envelope
1/data.status = "confirmed"
1/data.captured_amount = 2000
2/data.status = "preauth"
2/data.captured_amount = 0
3/data.status = "refunded"
3/data.refunded_amount = 2000
4/data.status = "confirmed"
4/data.refunded_amount = 500
4/data.amount = 2000
4/data.amount_decimal = "20.00"
4/data.currency = "eur"



=== TEST 8: amounts, exactly as sent, and with the decimals of a currency
--- event eval
my $amount = sub {
    my ($currency, $amount) = @_;

    return '{"id":"evt_1","type":"a","data":{"object":{"id":"x",'
           . qq("amount":$amount,"currency":"$currency"}}});
};
[$amount->('usd', 5), $amount->('jpy', 2000), $amount->('kwd', 2000),
 $amount->('usd', 9007199254740993), $amount->('usd', -150),
 $amount->('usd', 0)]
--- sign eval
"age=0\n" x 6
--- result eval
"accepted\n" x 6
--- envelope
1/data.amount_decimal = "0.05"
2/data.amount_decimal = "2000"
3/data.amount_decimal = "2.000"
4/data.amount = 9007199254740993
4/data.amount_decimal = "90071992547409.93"
5/data.amount_decimal = "-1.50"
6/data.amount = 0
6/data.amount_decimal = "0.00"



=== TEST 9: line breaks are blanks in the payload, and nothing else changes
--- event eval
["{\r\n\"id\":\n\n\"evt_1\",\t\"type\" : \"a\",\r\"n\": 1.50,\"s\":\"\\n\\/\"}\n"]
--- result
accepted
--- spool_lines: 1
--- afterwards
my ($line) = map { whole_file($_) } glob "$spool/new/*";

is($line =~ tr/\n//, 1, 'one line');
is($line =~ tr/\r//, 0, 'of one kind');

my $payload = qq({  "id":  "evt_1",\t"type" : "a", "n": 1.50,"s":"\\n\\/"} );

like($line, qr/"payload":\Q$payload\E\}\}\n\z/, 'all else as it was');



=== TEST 10: text from a signed event is escaped where it is written again
--- event eval
['{"id":"evt\u0022\\\\\n\u0001","type":"a\u000ab\u00e9","data":{"object":'
 . '{"id":"\ud83d\ude00","client_reference_id":"</script>\u2028"}}}']
--- result
accepted
--- envelope
id = "evt\"\\\n\u0001"
type = "com.stripe.a\nb\u00e9"
subject = "\ud83d\ude00"
data.token = "</script>\u2028"



=== TEST 11: the variant is the source, and the provider says the type
--- http_config
payments_variant shop_2 {
    provider stripe;
    secret whsec_test;
}
--- sign
uri=/payments/process/shop_2
--- result
accepted
--- envelope
source = "/payments/process/shop_2"
type = "com.stripe.charge.refunded"
data.variant = "shop_2"
data.provider = "stripe"
data.signed = "body"



=== TEST 12: the longest strings, of nothing but what is escaped
--- event eval
my $long = '"' . '\u0001' x 512 . '"';
qq({"id":$long,"type":$long,"data":{"object":{"id":$long}}})
--- result
accepted
--- envelope eval
my $long = '\u0001' x 512;
::lines_with(qq(id = "$long"), qq(type = "com.stripe.$long"),
             qq(subject = "$long"), qq(data.transaction_id = "$long"))
