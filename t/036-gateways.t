#!/usr/bin/perl

# Copyright (C) 2026 ngx_http_payments_module contributors

# The gateways besides Stripe: what each signs by its own page, and with what
# key; the first event is as it was signed, the second has one byte changed.

use lib 't/lib';
use PaymentsTest 'no_plan';

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(hmac_sha1_hex hmac_sha256 hmac_sha256_hex hmac_sha384_hex
                   hmac_sha512_hex sha1 sha256_hex sha384_hex);
use MIME::Base64 qw(encode_base64);

our $TIME = time();
our $URL = 'https://shop.example.com/hooks/square';

# the second event is the first with another digit

our %EVENT = (
    'adyen' => '{"type":"recurring.token.created","eventId":"e1",'
        . '"environment":"live","data":{"merchantAccount":"Shop"}}',
    'checkout' => '{"id":"evt_1","type":"payment_captured","data":'
        . '{"id":"pay_1","reference":"tok","amount":100,"currency":"EUR"}}',
    'coinbase' => '{"event":{"id":"e1","type":"charge:confirmed",'
        . '"data":{"id":"c1","pricing":{"local":{"amount":"10.5",'
        . '"currency":"EUR"}}}}}',
    'github' => '{"action":"created","sponsorship":{"node_id":"S_1"}}',
    'gocardless' => '{"id":"EV1","resource_type":"payments",'
        . '"action":"confirmed","links":{"payment":"PM1"}}',
    'lemonsqueezy' => '{"meta":{"event_name":"order_created"},'
        . '"data":{"id":"1","attributes":{"status":"paid","total":100,'
        . '"currency":"USD"}}}',
    'mercadopago' => '{"data":{"id":"17"},"id":5,"live_mode":true,'
        . '"type":"payment","action":"payment.updated"}',
    'mollie' => '{"id":"whe_1","type":"payment-link.paid",'
        . '"entityId":"pl_1","_embedded":{"entity":{"amount":'
        . '{"value":"1.00","currency":"EUR"}}}}',
    'paddle' => '{"event_id":"e1","event_type":"transaction.completed",'
        . '"data":{"id":"txn_1","currency_code":"USD",'
        . '"details":{"totals":{"grand_total":"100"}}}}',
    'paystack' => '{"event":"charge.success","data":{"id":1,'
        . '"reference":"tok","amount":100,"currency":"NGN"}}',
    'payu' => '{"order":{"orderId":"o1","extOrderId":"tok",'
        . '"totalAmount":"100","currencyCode":"PLN","status":"COMPLETED"}}',
    'razorpay' => '{"event":"payment.captured","payload":{"payment":'
        . '{"entity":{"id":"pay_1","amount":100,"currency":"INR"}}}}',
    'shopify' => '{"id":1,"financial_status":"paid",'
        . '"total_price":"1.00","currency":"USD"}',
    'square' => '{"event_id":"e1","type":"payment.updated",'
        . '"data":{"id":"p1","object":{"payment":{"status":"COMPLETED",'
        . '"amount_money":{"amount":100,"currency":"USD"}}}}}',
    'standard-webhooks' => '{"type":"a.b","data":{"id":"1"}}',
    'woocommerce' => '{"id":1,"number":"1","status":"processing",'
        . '"currency":"EUR","total":"1.00",'
        . '"date_paid":"2017-03-22T16:28:08"}',
    'worldline' => '{"id":"e1","type":"payment.paid","merchantId":"20",'
        . '"payment":{"id":"p1","paymentOutput":{"amountOfMoney":'
        . '{"amount":100,"currencyCode":"EUR"}}}}',
);

our %SIGN = (
    'adyen' => sub { 'HmacSignature: '
                     . encode_base64(hmac_sha256($_[0], 'secret'), '') },
    'checkout' => sub { 'Cko-Signature: '
                        . hmac_sha256_hex($_[0], 'secret') },
    'coinbase' => sub { 'X-CC-Webhook-Signature: '
                        . hmac_sha256_hex($_[0], 'secret') },
    'github' => sub { 'X-Hub-Signature-256: sha256='
                      . hmac_sha256_hex($_[0], 'secret')
                      . "\nX-GitHub-Delivery: guid-1"
                      . "\nX-GitHub-Event: sponsorship" },
    'gocardless' => sub { 'Webhook-Signature: '
                          . hmac_sha256_hex($_[0], 'secret') },
    'lemonsqueezy' => sub { 'X-Signature: '
                            . hmac_sha256_hex($_[0], 'secret') },
    'mercadopago' => sub { "X-Signature: ts=${TIME}000,v1="
                           . hmac_sha256_hex("id:17;request-id:r1;"
                                             . "ts:${TIME}000;", 'secret')
                           . "\nX-Request-Id: r1" },
    'mollie' => sub { 'X-Mollie-Signature: '
                      . hmac_sha256_hex($_[0], 'secret') },
    'paddle' => sub { "Paddle-Signature: ts=$TIME;h1="
                      . hmac_sha256_hex("$TIME:$_[0]", 'secret') },
    'paystack' => sub { 'X-Paystack-Signature: '
                        . hmac_sha512_hex($_[0], 'sk_test_1') },
    'payu' => sub { 'OpenPayu-Signature: sender=checkout;signature='
                    . sha256_hex("$_[0]secret")
                    . ';algorithm=SHA-256;content=DOCUMENT' },
    'razorpay' => sub { 'X-Razorpay-Signature: '
                        . hmac_sha256_hex($_[0], 'secret')
                        . "\nX-Razorpay-Event-Id: r1" },
    'shopify' => sub { 'X-Shopify-Hmac-Sha256: '
                       . encode_base64(hmac_sha256($_[0], 'secret'), '')
                       . "\nX-Shopify-Webhook-Id: w1"
                       . "\nX-Shopify-Topic: orders/paid"
                       . "\nX-Shopify-Shop-Domain: a.example.com" },
    'square' => sub { 'X-Square-HmacSha256-Signature: '
                      . encode_base64(hmac_sha256("$URL$_[0]", 'secret'),
                                      '') },
    'standard-webhooks' => sub { standard('webhook', $_[0]) },
    'woocommerce' => sub { 'X-WC-Webhook-Signature: '
                           . encode_base64(hmac_sha256($_[0], 'secret'), '')
                           . "\nX-WC-Webhook-Topic: order.updated"
                           . "\nX-WC-Webhook-Source: https://a.example.com/"
                           . "\nX-WC-Webhook-Delivery-ID: d1" },
    'worldline' => sub { 'X-GCS-Signature: '
                         . encode_base64(hmac_sha256($_[0], 'secret'), '')
                         . "\nX-GCS-KeyId: k1" },
);


sub standard {
    my ($prefix, $body) = @_;

    my $sign = encode_base64(hmac_sha256("m1.$TIME.$body", 'secret'), '');

    return "$prefix-id: m1\n$prefix-timestamp: $TIME\n"
           . "$prefix-signature: v1a,AA== v1,$sign";
}


# Two gateways post forms, which have their signature in them

sub form {
    my (@pairs) = @_;

    my @fields;

    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @fields, "$name="
            . $value =~ s/([^A-Za-z0-9_.-])/sprintf '%%%02X', ord $1/ger;
    }

    return join '&', @fields;
}


our $XML = '<notification><kind>transaction_settled</kind>'
    . '<timestamp type="datetime">2026-11-24T22:11:41Z</timestamp>'
    . '<subject><transaction><id>tx1</id><type>sale</type>'
    . '<amount>10.00</amount><currency-iso-code>EUR</currency-iso-code>'
    . '<order-id>tok</order-id></transaction></subject></notification>';


# In lines, signed under two names

sub braintree {
    my ($xml, $key) = @_;

    my $payload = encode_base64($xml);
    my $hmac = hmac_sha1_hex($payload, sha1($key // 'private'));

    return form(bt_signature => "other|" . '0' x 40 . "&pub_1|$hmac",
                bt_payload => $payload);
}


# A form of so many bytes

sub large {
    my ($size) = @_;

    return 'x=' . 'y' x ($size - 2);
}


our @DOTPAY = (
    id => '123', operation_number => 'M-5', operation_type => 'payment',
    operation_status => 'completed', operation_amount => '212.35',
    operation_currency => 'PLN', operation_original_amount => '58.07',
    operation_original_currency => 'USD', control => 'tok',
    description => 'Order #1', channel => '1',
);


sub dotpay {
    my ($pin) = @_;

    my %field = @DOTPAY;
    my $message = join '', map { $field{$_} // '' }
        qw(id operation_number operation_type operation_status
           operation_amount operation_currency operation_withdrawal_amount
           operation_commission_amount is_completed operation_original_amount
           operation_original_currency operation_datetime
           operation_related_number control description email p_info p_email
           credit_card_issuer_identification_number
           credit_card_masked_number credit_card_brand_codename
           credit_card_brand_code credit_card_id channel channel_country
           geoip_country);

    return form(@DOTPAY, signature => sha256_hex("$pin$message"));
}


# The digest is of an amount of 10

sub przelewy24 {
    my ($amount, $more) = @_;

    my $fields = '"merchantId":1,"posId":1,"sessionId":"tok","amount":10,'
                 . '"originAmount":10,"currency":"PLN","orderId":7,'
                 . '"methodId":2,"statement":"s"';
    my $sign = sha384_hex("{$fields,\"crc\":\"a1b2c3\"}");

    $fields =~ s/"amount":10/"amount":$amount/;

    return "{\"more\":\"$more\",\"sign\":\"$sign\",$fields}";
}


sub events {
    my ($body) = @_;

    (my $other = $body) =~ s/1/2/;

    return [$body, $other];
}


sub header {
    my ($name, $body) = @_;

    return $SIGN{$name}->($body // $EVENT{$name}) . "\n";
}


run_tests();

__DATA__

=== TEST 1: coinbase
--- http_config
payments_variant coinbase {
    secret secret;
}
--- event eval: ::events($::EVENT{'coinbase'})
--- sign
header=none uri=/payments/process/coinbase/
header=none uri=/payments/process/coinbase
--- more_headers eval: ::header('coinbase')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "coinbase", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
type = "com.coinbase.commerce.charge:confirmed"
id = "e1"
data.amount = 1050
data.amount_decimal = "10.50"
data.status = "confirmed"
data.signed = "body"
data.provider = "coinbase"



=== TEST 2: github
--- http_config
payments_variant github {
    secret secret;
}
--- event eval: ::events($::EVENT{'github'})
--- sign
header=none uri=/payments/process/github/
header=none uri=/payments/process/github
--- more_headers eval: ::header('github')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "github", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "guid-1"
type = "com.github.sponsorship"
subject = "S_1"
data.signed = "body"
data.provider = "github"



=== TEST 3: lemonsqueezy
--- http_config
payments_variant lemonsqueezy {
    secret secret;
}
--- event eval: ::events($::EVENT{'lemonsqueezy'})
--- sign
header=none uri=/payments/process/lemonsqueezy/
header=none uri=/payments/process/lemonsqueezy
--- more_headers eval: ::header('lemonsqueezy')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "lemonsqueezy", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
data.status = "confirmed"
data.amount = 100
data.signed = "body"
data.provider = "lemonsqueezy"



=== TEST 4: paddle
--- http_config
payments_variant paddle {
    secret secret;
}
--- event eval: ::events($::EVENT{'paddle'})
--- sign
header=none uri=/payments/process/paddle/
header=none uri=/payments/process/paddle
--- more_headers eval: ::header('paddle')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "paddle", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "e1"
data.status = "confirmed"
data.amount = 100
data.signed = "body"
data.provider = "paddle"



=== TEST 5: paystack
--- http_config
payments_variant paystack {
    secret sk_test_1;
}
--- event eval: ::events($::EVENT{'paystack'})
--- sign
header=none uri=/payments/process/paystack/
header=none uri=/payments/process/paystack
--- more_headers eval: ::header('paystack')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "paystack", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
data.token = "tok"
subject = "1"
data.status = "confirmed"
data.signed = "body"
data.provider = "paystack"



=== TEST 6: razorpay
--- http_config
payments_variant razorpay {
    secret secret;
}
--- event eval: ::events($::EVENT{'razorpay'})
--- sign
header=none uri=/payments/process/razorpay/
header=none uri=/payments/process/razorpay
--- more_headers eval: ::header('razorpay')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "razorpay", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "r1"
data.status = "confirmed"
data.signed = "body"
data.provider = "razorpay"



=== TEST 7: shopify
--- http_config
payments_variant shopify {
    secret secret;
}
--- event eval: ::events($::EVENT{'shopify'})
--- sign
header=none uri=/payments/process/shopify/
header=none uri=/payments/process/shopify
--- more_headers eval: ::header('shopify')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "shopify", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "w1"
type = "com.shopify.orders/paid"
data.account = "a.example.com"
data.amount = 100
subject = "1"
data.signed = "body"
data.provider = "shopify"



=== TEST 8: square
--- http_config
payments_variant square {
    secret secret;
    notification_url https://shop.example.com/hooks/square;
}
--- event eval: ::events($::EVENT{'square'})
--- sign
header=none uri=/payments/process/square/
header=none uri=/payments/process/square
--- more_headers eval: ::header('square')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "square", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "e1"
data.amount = 100
data.status = "confirmed"
data.signed = "body"
data.provider = "square"



=== TEST 9: standard-webhooks
--- http_config
payments_variant standard-webhooks {
    secret whsec_c2VjcmV0;
}
--- event eval: ::events($::EVENT{'standard-webhooks'})
--- sign
header=none uri=/payments/process/standard-webhooks/
header=none uri=/payments/process/standard-webhooks
--- more_headers eval: ::header('standard-webhooks')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "standard-webhooks", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "m1"
type = "com.standardwebhooks.a.b"
subject = "1"
data.signed = "body"
data.provider = "standard-webhooks"



=== TEST 10: Svix has its own names for the same
--- http_config
payments_variant svix {
    provider standard-webhooks;
    secret c2VjcmV0;
}
--- event eval: ::events($::EVENT{'standard-webhooks'})
--- sign
header=none uri=/payments/process/svix/
header=none uri=/payments/process/svix/
--- more_headers eval: ::standard('svix', $::EVENT{'standard-webhooks'}) . "\n"
--- result
accepted
refused/no_match
--- envelope
id = "m1"



=== TEST 11: nothing but Standard Webhooks has a time
--- http_config
payments_variant github { secret secret; }
--- event eval: $::EVENT{'github'}
--- sign
header=none uri=/payments/process/github/
--- more_headers eval: ::header('github')
--- location
add_header X-Age "age=$payments_signature_age secret=$payments_secret";
--- response_headers
X-Age: age= secret=1
--- result
accepted



=== TEST 12: a header that comes twice
--- http_config
payments_variant razorpay { secret secret; }
--- event eval: $::EVENT{'razorpay'}
--- sign
header=none uri=/payments/process/razorpay/
--- more_headers eval: ::header('razorpay') . "X-Razorpay-Event-Id: r2\n"
--- result
refused/malformed_signature



=== TEST 13: an id that fits no envelope
--- http_config
payments_variant razorpay { secret secret; }
--- event eval: $::EVENT{'razorpay'}
--- sign
header=none uri=/payments/process/razorpay/
--- more_headers eval
(::header('razorpay') =~ s/r1/r"1/r)
--- result
refused/malformed_signature



=== TEST 14: an old time
--- http_config
payments_variant standard-webhooks { secret whsec_c2VjcmV0; }
--- event eval: $::EVENT{'standard-webhooks'}
--- sign
header=none uri=/payments/process/standard-webhooks/
--- more_headers eval
local $::TIME = $::TIME - 400; ::header('standard-webhooks')
--- result
refused/too_old



=== TEST 15: one too far ahead
--- http_config
payments_variant standard-webhooks { secret whsec_c2VjcmV0; }
--- event eval: $::EVENT{'standard-webhooks'}
--- sign
header=none uri=/payments/process/standard-webhooks/
--- more_headers eval
local $::TIME = $::TIME + 400; ::header('standard-webhooks')
--- result
refused/too_new



=== TEST 16: a tolerance where no time is signed
--- http_config
payments_variant github { secret secret; tolerance 5m; }
--- must_die
--- error_log
[emerg]
"payments_variant" "github" of provider "github" has "tolerance", and signs no time



=== TEST 17: a URL where none is signed
--- http_config
payments_variant github { secret secret; notification_url https://a/; }
--- must_die
--- error_log
[emerg]
has "notification_url", and signs no URL



=== TEST 18: Square without its URL
--- http_config
payments_variant square { secret secret; }
--- must_die
--- error_log
[emerg]
has no "notification_url", and signs the URL



=== TEST 19: a URL that is none
--- http_config
payments_variant square { secret secret; notification_url shop.example.com; }
--- must_die
--- error_log
[emerg]
invalid "notification_url" "shop.example.com"



=== TEST 20: the same twice
--- http_config
payments_variant square { secret secret; notification_url https://a/; notification_url https://a/; }
--- must_die
--- error_log
[emerg]
"notification_url" directive is duplicate



=== TEST 21: a key that is not base64
--- http_config
payments_variant standard-webhooks { secret whsec_a-b; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "standard-webhooks" is not base64



=== TEST 22: an API key where it is none
--- http_config
payments_variant razorpay { secret sk_live_1; }
--- must_die
--- error_log
[emerg]
secret in "payments_variant" "razorpay" begins with "sk_"



=== TEST 23: the provider may come behind the secret
--- http_config
payments_variant x { secret whsec_a-b; provider standard-webhooks; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "x" is not base64



=== TEST 24: without a signature the URL may be unknown
--- http_config
payments_variant square { verify off; }
--- event eval: $::EVENT{'square'}
--- sign
header=none uri=/payments/process/square/
--- result
accepted
--- envelope
data.signed = "none"



=== TEST 25: the secret of another variant, and what is no Stripe secret
--- http_config
payments_variant github { secret other; }
payments_variant second { provider github; secret secret; }
--- event eval: $::EVENT{'github'}
--- sign
header=none uri=/payments/process/github/
--- more_headers eval: ::header('github')
--- result
refused/no_match
--- error_log
made with none of 1 secrets; it was made with the secret of "second"
--- no_error_log
s old



=== TEST 26: by the side door, with a header that only GitHub has
--- http_config
payments_variant stripe { secret whsec_test; }
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    payments_fallback @app;
}
location @app { return 204; }
--- event: {}
--- sign
header=none uri=/payments/process/5a1d/
--- more_headers
X-Hub-Signature-256: 00
--- error_code: 400



=== TEST 27: or with one that others have as well
--- http_config
payments_variant stripe { secret whsec_test; }
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    payments_fallback @app;
}
location @app { return 204; }
--- event: {}
--- sign
header=none uri=/payments/process/5a1d/
--- more_headers
X-Signature: 00
--- error_code: 204



=== TEST 28: which is a signature where there is such a variant
--- http_config
payments_variant lemonsqueezy { secret secret; }
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    payments_fallback @app;
}
location @app { return 204; }
--- event: {}
--- sign
header=none uri=/payments/process/5a1d/
--- more_headers
X-Signature: 00
--- error_code: 400



=== TEST 29: an id is none
--- http_config
payments_variant standard-webhooks { secret c2VjcmV0; }
--- config
location /payments/process/ {
    payments_process;
    payments_spool spool min_free=0;
    payments_fallback @app;
}
location @app { return 204; }
--- event: {}
--- sign
header=none uri=/payments/process/5a1d/
--- more_headers
Webhook-Id: 00
--- error_code: 204



=== TEST 30: mollie
--- http_config
payments_variant mollie {
    secret secret;
}
--- event eval: ::events($::EVENT{'mollie'})
--- sign
header=none uri=/payments/process/mollie/
header=none uri=/payments/process/mollie
--- more_headers eval: ::header('mollie')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "mollie", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "whe_1"
data.status = "confirmed"
data.amount = 100



=== TEST 31: hmac, with all that it has
--- http_config
payments_variant x {
    secret sk_raw;
    signature_header X-Acme-Sign;
    signature_prefix v9=;
    signature_encoding base64;
    signature_algorithm sha512;
    signature_message id : time / body;
    time_header X-Acme-Time;
    id_header X-Acme-Id;
    type_header X-Acme-Type;
    provider hmac;
}
--- event eval: ::events('{"id":"a","n":1}')
--- sign
header=none uri=/payments/process/x/
header=none uri=/payments/process/x/
--- more_headers eval
"X-Acme-Sign: v9=" . MIME::Base64::encode_base64(Digest::SHA::hmac_sha512("i1:$::TIME/" . '{"id":"a","n":1}', 'sk_raw'), '')
. "\nX-Acme-Time: $::TIME\nX-Acme-Id: i1\nX-Acme-Type: made"
--- result
accepted
refused/no_match
--- envelope
id = "i1"
type = "webhook.made"
data.signed = "body"
data.provider = "hmac"



=== TEST 32: hmac, with nothing but a header, and what is so by default
--- http_config
payments_variant x {
    provider hmac;
    secret s;
    signature_header x-sign;
    signature_encoding hex;
    signature_algorithm sha256;
}
--- event eval: ::events('{"id":17,"event":"e1"}')
--- sign
header=none uri=/payments/process/x/
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: " . Digest::SHA::hmac_sha256_hex('{"id":17,"event":"e1"}', 's')
--- result
accepted
refused/no_match
--- envelope
id = "sha256:25ba2e5b59e6aee6728776cf8e51f09f89a4120a89f912c67e5b295c71815a06"
type = "webhook.e1"
subject = "17"



=== TEST 33: hmac by SHA-1, and a message that is old
--- http_config
payments_variant x {
    provider hmac;
    secret s;
    signature_header x-sign;
    signature_algorithm sha1;
    signature_message time . body;
    time_header x-time;
    tolerance 1m;
}
--- event: {}
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
my $t = $::TIME - 100;
"X-Sign: " . Digest::SHA::hmac_sha1_hex("$t.{}", 's') . "\nX-Time: $t"
--- result
refused/too_old



=== TEST 34: hmac by SHA-1, and one that is not
--- http_config
payments_variant x {
    provider hmac;
    secret s;
    signature_header x-sign;
    signature_algorithm sha1;
    signature_message time . body;
    time_header x-time;
    tolerance 10m;
}
--- event: {}
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
my $t = $::TIME - 100;
"X-Sign: " . Digest::SHA::hmac_sha1_hex("$t.{}", 's') . "\nX-Time: $t"
--- result
accepted
--- envelope
type = "webhook.message"
id = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"



=== TEST 35: hmac without a header
--- http_config
payments_variant x { provider hmac; secret s;  }
--- must_die
--- error_log
[emerg]
"payments_variant" "x" of provider "hmac" needs a "signature_header"



=== TEST 36: hmac with a time that is nowhere
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message time body; }
--- must_die
--- error_log
[emerg]
needs a "time_header", since "signature_message" has "time"



=== TEST 37: hmac with a time that is not signed
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; time_header x-time; }
--- must_die
--- error_log
[emerg]
needs a "signature_message" with "time"



=== TEST 38: hmac with an id that is nowhere
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message id body; }
--- must_die
--- error_log
[emerg]
needs a "id_header", since



=== TEST 39: hmac with a URL that is nowhere
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message url body; }
--- must_die
--- error_log
[emerg]
has no "notification_url"



=== TEST 40: hmac without a body
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message time; }
--- must_die
--- error_log
[emerg]
"signature_message" directive needs the "body", once



=== TEST 41: hmac with two
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message body body; }
--- must_die
--- error_log
[emerg]
"signature_message" directive needs the "body", once



=== TEST 42: hmac with too many parts
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message 1 2 3 4 5 6 7 8 body; }
--- must_die
--- error_log
[emerg]
"signature_message" directive has more than 8 parts



=== TEST 43: hmac with a part that is none
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_message "" body; }
--- must_die
--- error_log
[emerg]
"signature_message" directive has an empty part



=== TEST 44: hmac with an unknown digest
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_algorithm md5; }
--- must_die
--- error_log
[emerg]
"signature_algorithm" directive has to be



=== TEST 45: hmac with an unknown encoding
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_encoding rot13; }
--- must_die
--- error_log
[emerg]
"signature_encoding" directive has to be



=== TEST 46: hmac with an empty prefix
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_prefix ""; }
--- must_die
--- error_log
[emerg]
"signature_prefix" directive needs 1 to 16 characters



=== TEST 47: hmac with a long prefix
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_prefix 12345678901234567; }
--- must_die
--- error_log
[emerg]
"signature_prefix" directive needs 1 to 16 characters



=== TEST 48: hmac with a header that is none
--- http_config
payments_variant x { provider hmac; secret s; signature_header x_sign; }
--- must_die
--- error_log
[emerg]
"signature_header" directive has a name with more than



=== TEST 49: hmac with an empty header
--- http_config
payments_variant x { provider hmac; secret s; signature_header ""; }
--- must_die
--- error_log
[emerg]
"signature_header" directive needs the name of a header



=== TEST 50: hmac with a header of two uses
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; id_header X-Sign; }
--- must_die
--- error_log
[emerg]
"id_header" directive names a header that another one has named



=== TEST 51: hmac with a line twice
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_header x-sign;  }
--- must_die
--- error_log
[emerg]
"signature_header" directive is duplicate



=== TEST 52: a header for a gateway that has its own
--- http_config
payments_variant github { secret s; signature_header x-sign; }
--- must_die
--- error_log
[emerg]
"payments_variant" "github" describes a signature, which is for provider "hmac" only



=== TEST 53: woocommerce
--- http_config
payments_variant woocommerce {
    secret secret;
}
--- event eval: ::events($::EVENT{'woocommerce'})
--- sign
header=none uri=/payments/process/woocommerce/
header=none uri=/payments/process/woocommerce
--- more_headers eval: ::header('woocommerce')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "woocommerce", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope eval
use Digest::SHA;
'id = "sha256:' . Digest::SHA::sha256_hex($::EVENT{'woocommerce'}) . '"
type = "com.woocommerce.order.updated"
data.account = "https://a.example.com/"
data.amount = 100
data.status = "confirmed"
data.token = "1"
subject = "1"
data.signed = "body"
data.provider = "woocommerce"
'



=== TEST 54: the form that it sends first has no signature
--- http_config
payments_variant woocommerce { secret secret; }
--- event: webhook_id=17
--- sign
header=none uri=/payments/process/woocommerce/
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- result
refused/missing_signature



=== TEST 55: flutterwave, a token that says nothing about the body
--- http_config
payments_variant flutterwave {
    secret "a token";
}
--- event eval
[map { '{"event":"charge.completed","data":{"id":1,"tx_ref":"tok",'
       . '"status":"successful","amount":' . $_ . ',"currency":"NGN"}}' } 1, 2]
--- sign
header=none uri=/payments/process/flutterwave/
header=none uri=/payments/process/flutterwave
--- more_headers
verif-hash: a token
--- result
accepted
accepted
--- envelope
type = "com.flutterwave.charge.completed"
data.amount = null
data.payload.data.amount = 1
2/data.payload.data.amount = 2
data.status = "confirmed"
data.signed = "token"
data.provider = "flutterwave"



=== TEST 56: another one
--- http_config
payments_variant flutterwave {
    secret "a token";
}
--- event: {"event":"charge.completed"}
--- sign
header=none uri=/payments/process/flutterwave/
--- more_headers
verif-hash: a tokem
--- answers
400 {"error": "Invalid signature", "variant": "flutterwave", "error_code": 400}
--- result
refused/no_match



=== TEST 57: xendit
--- http_config
payments_variant xendit {
    secret token;
}
--- event: {"event":"payment.capture","data":{"payment_id":"py-1","status":"SUCCEEDED","request_amount":10000,"currency":"IDR"}}
--- sign
header=none uri=/payments/process/xendit/
--- more_headers
X-Callback-Token: token
Webhook-Id: w1
--- result
accepted
--- envelope
id = "w1"
type = "com.xendit.payment.capture"
data.amount = null
data.status = "confirmed"
data.signed = "token"
data.provider = "xendit"



=== TEST 58: an id is not enough
--- http_config
payments_variant xendit {
    secret token;
}
--- event: {"event":"payment.capture"}
--- sign
header=none uri=/payments/process/xendit/
--- more_headers
Webhook-Id: w1
--- result
refused/missing_signature



=== TEST 59: nor another token
--- http_config
payments_variant xendit {
    secret token;
}
--- event: {"event":"payment.capture"}
--- sign
header=none uri=/payments/process/xendit/
--- more_headers
X-Callback-Token: tokem
Webhook-Id: w1
--- answers
400 {"error": "Invalid signature", "variant": "xendit", "error_code": 400}
--- result
refused/no_match



=== TEST 60: a token that fits no header
--- http_config
payments_variant xendit { secret "token "; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "xendit" is no token: one is of visible ASCII



=== TEST 61: checkout
--- http_config
payments_variant checkout {
    secret secret;
}
--- event eval: ::events($::EVENT{'checkout'})
--- sign
header=none uri=/payments/process/checkout/
header=none uri=/payments/process/checkout
--- more_headers eval: ::header('checkout')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "checkout", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "evt_1"
subject = "pay_1"
data.amount = 100
data.amount_decimal = "1.00"
data.status = "confirmed"
data.token = "tok"
data.signed = "body"
data.provider = "checkout"



=== TEST 62: mercadopago, whose body is not signed, but names what is
--- http_config
payments_variant mercadopago {
    secret secret;
}
--- event eval: ::events($::EVENT{'mercadopago'})
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17&type=payment
header=none uri=/payments/process/mercadopago?type=payment&data%2Eid=%31%37
--- more_headers eval: ::header('mercadopago')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "mercadopago", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "sha256:1b13adc170e435dab8c86a4ed27e127ab73069565d0fcdcf0e483d144ded202f"
type = "com.mercadopago.payment.updated"
subject = "17"
data.status = null
data.amount = null
data.signed = "fields"
data.provider = "mercadopago"



=== TEST 63: mercadopago, another body with the signature of the first
--- http_config
payments_variant mercadopago { secret secret; }
payments_dedup_zone zone=z:1m;
--- config
location /payments/process/ {
    payments_process;
    payments_dedup zone=z;
    payments_spool spool min_free=0;
}
--- event eval
[map { s/"id":5/"id":5,"forged":$_/r } ($::EVENT{'mercadopago'}) x 2]
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval: ::header('mercadopago')
--- result
accepted
duplicate



=== TEST 64: mercadopago, an event whose id another body has had before
--- http_config
payments_variant mercadopago { secret secret; }
payments_dedup_zone zone=z:1m;
--- config
location /payments/process/ {
    payments_process;
    payments_dedup zone=z;
    payments_spool spool min_free=0;
}
--- event eval
[$::EVENT{'mercadopago'} =~ s/updated/forged/r, $::EVENT{'mercadopago'}]
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval: ::header('mercadopago')
--- result
accepted
accepted



=== TEST 65: mercadopago without its id, with two, or another one
--- http_config
payments_variant mercadopago { secret secret; }
--- event eval
[($::EVENT{'mercadopago'}) x 4]
--- sign
header=none uri=/payments/process/mercadopago/
header=none uri=/payments/process/mercadopago/?data.id=17&data.id=17
header=none uri=/payments/process/mercadopago/?data.id=18
header=none uri=/payments/process/mercadopago/?data.id=%1
--- more_headers eval: ::header('mercadopago')
--- result
refused/no_match
refused/malformed_signature
refused/no_match
refused/malformed_signature
--- no_error_log
for another object



=== TEST 66: mercadopago, a right signature of another object
--- http_config
payments_variant mercadopago { secret secret; }
--- event eval: $::EVENT{'mercadopago'} =~ s/17/18/r
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval: ::header('mercadopago')
--- result
refused/no_match
--- error_log
what is signed is for another object than the body is about
--- no_error_log
made with none



=== TEST 67: mercadopago, old, with a tolerance
--- http_config
payments_variant mercadopago { secret secret; tolerance 5m; }
--- event eval: $::EVENT{'mercadopago'}
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval
local $::TIME = $::TIME - 400; ::header('mercadopago')
--- result
refused/too_old



=== TEST 68: mercadopago, old, without one
--- http_config
payments_variant mercadopago { secret secret; }
--- event eval: $::EVENT{'mercadopago'}
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval
local $::TIME = $::TIME - 400000; ::header('mercadopago')
--- result
accepted



=== TEST 69: payu
--- http_config
payments_variant payu {
    secret secret;
}
--- event eval: ::events($::EVENT{'payu'})
--- sign
header=none uri=/payments/process/payu/
header=none uri=/payments/process/payu
--- more_headers eval: ::header('payu')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "payu", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
type = "com.payu.order"
subject = "o1"
data.token = "tok"
data.amount = 100
data.status = "confirmed"
data.signed = "body"
data.provider = "payu"



=== TEST 70: payu by MD5, which nobody has allowed
--- http_config
payments_variant payu { secret secret; }
--- event eval: $::EVENT{'payu'}
--- sign
header=none uri=/payments/process/payu/
--- more_headers eval
'OpenPayu-Signature: signature=' . Digest::MD5::md5_hex("$::EVENT{'payu'}secret") . ';algorithm=MD5'
--- result
refused/no_match
--- error_log
it may be of a digest that "signature_digests" does not allow



=== TEST 71: payu by MD5, which is all that is allowed
--- suppress_stderr
--- http_config
payments_variant payu { secret secret; signature_digests md5; }
--- event eval: $::EVENT{'payu'}
--- sign
header=none uri=/payments/process/payu/
--- more_headers eval
'OpenPayu-Signature: signature=' . Digest::MD5::md5_hex("$::EVENT{'payu'}secret") . ';algorithm=MD5'
--- result
accepted
--- error_log
[warn]
"signature_digests" in "payments_variant" "payu" allows md5



=== TEST 72: and SHA-256 is not, then
--- suppress_stderr
--- http_config
payments_variant payu { secret secret; signature_digests md5; }
--- event eval: $::EVENT{'payu'}
--- sign
header=none uri=/payments/process/payu/
--- more_headers eval: ::header('payu')
--- result
refused/no_match



=== TEST 73: digests where none is named
--- http_config
payments_variant github { secret s; signature_digests sha256; }
--- must_die
--- error_log
[emerg]
"payments_variant" "github" has "signature_digests", and its gateway names none



=== TEST 74: a digest that is unknown
--- http_config
payments_variant payu { secret s; signature_digests sha3; }
--- must_die
--- error_log
[emerg]
"signature_digests" directive knows "sha256",



=== TEST 75: digests twice
--- http_config
payments_variant payu { secret s; signature_digests sha256; signature_digests sha256; }
--- must_die
--- error_log
[emerg]
"signature_digests" directive is duplicate



=== TEST 76: worldline, and a key of two
--- http_config
payments_variant worldline {
    secret other key=k0;
    secret secret key=k1;
}
--- event eval: ::events($::EVENT{'worldline'})
--- sign
header=none uri=/payments/process/worldline/
header=none uri=/payments/process/worldline
--- more_headers eval: ::header('worldline')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "worldline", "error_code": 400}
--- location
add_header X-Secret "secret=$payments_secret";
--- result
accepted
refused/no_match
--- envelope
id = "e1"
subject = "p1"
data.amount = 100
data.status = "confirmed"
data.account = "20"
data.signed = "body"
data.provider = "worldline"



=== TEST 77: worldline's signature twice
--- http_config
payments_variant worldline { secret secret; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval
::header('worldline') . ::header('worldline') =~ s/X-GCS-KeyId.*\n//r
--- result
refused/malformed_signature



=== TEST 78: worldline, by a key that has another name
--- http_config
payments_variant worldline { secret secret key=k2; secret other key=k1; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval: ::header('worldline')
--- result
refused/no_match



=== TEST 79: worldline, by a key of any name
--- http_config
payments_variant worldline { secret secret; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval: ::header('worldline')
--- result
accepted



=== TEST 80: worldline, a key that is not named
--- http_config
payments_variant worldline { secret secret; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval
(::header('worldline') =~ s/\nX-GCS-KeyId: k1//r)
--- result
refused/missing_signature



=== TEST 81: worldline, two signatures
--- http_config
payments_variant worldline { secret secret; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval
::header('worldline') . "X-GCS-Signature: AA==\n"
--- result
refused/malformed_signature



=== TEST 82: a file of secrets with a name
--- http_config
payments_variant worldline { secret_file $TEST_NGINX_SECRETS key=k1; }
--- secrets
secret
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval: ::header('worldline')
--- result
accepted



=== TEST 83: a name where no key is named
--- http_config
payments_variant github { secret s key=k; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "github" has "key=", and its gateway names no key



=== TEST 84: an empty name
--- http_config
payments_variant worldline { secret s key=; }
--- must_die
--- error_log
[emerg]
"key=" of "secret" needs a name



=== TEST 85: no name at all
--- http_config
payments_variant worldline { secret s k1; }
--- must_die
--- error_log
[emerg]
invalid number of arguments in "secret" directive of a "payments_variant": only "key=" may follow
--- no_error_log
k1



=== TEST 86: standard-webhooks by a public key, beside a secret
--- http_config
payments_variant standard-webhooks {
    secret    whsec_c2VjcmV0;
    secret    whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=;
    tolerance off;
}
--- event eval: ['{"test": 2432232314}', '{"test": 2432232315}']
--- sign
header=none uri=/payments/process/standard-webhooks/
header=none uri=/payments/process/standard-webhooks/
--- more_headers
webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
webhook-timestamp: 1614265330
webhook-signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==
--- result
accepted
refused/no_match
--- envelope
id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
data.signed = "body"



=== TEST 87: a public key that is none
--- http_config
payments_variant standard-webhooks { secret whpk_AAAA; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "standard-webhooks" is not base64 of 32 bytes after "whpk_"



=== TEST 88: hmac, with a list, a time in ms, a key in hex that has a name
--- http_config
payments_variant x {
    provider hmac;
    secret 00ff key=k0;
    secret 6B6579 key=k1;
    signature_header X-Acme-Sign;
    signature_key hex;
    signature_list ";" ts h1;
    signature_algorithm sha384;
    signature_message time body;
    time_unit ms;
    key_header X-Acme-Key;
    tolerance 5m;
}
--- event eval: ::events('{"id":"a","n":1}')
--- sign
header=none uri=/payments/process/x/
header=none uri=/payments/process/x/
--- more_headers eval
"X-Acme-Sign: a=b; ts=${\($::TIME)}000; h1="
. Digest::SHA::hmac_sha384_hex("${\($::TIME)}000" . '{"id":"a","n":1}', 'key')
. "\nX-Acme-Key: k1"
--- location
add_header X-Age "secret=$payments_secret";
--- result
accepted
refused/no_match
--- envelope
id = "sha256:ebddcace15c56ac9ac7a5499fffba4dece33724d7e2ad7ff5bdd262a10e643ef"
data.signed = "body"



=== TEST 89: hmac, with a list that is old, in ms
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , t v1;
                     signature_message time body; time_unit ms; tolerance 1m; }
--- event: {}
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
my $t = ($::TIME - 100) . '000';
"X-Sign: t=$t,v1=" . Digest::SHA::hmac_sha256_hex("$t\{}", 's')
--- result
refused/too_old



=== TEST 90: hmac, with a list that has no time, and a key in base64
--- http_config
payments_variant x { provider hmac; secret a2V5; signature_header x-sign; signature_list & sig; signature_key base64; }
--- event: {}
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: sig=" . Digest::SHA::hmac_sha256_hex("{}", 'key') . "&x=1"
--- result
accepted



=== TEST 91: hmac, with a key that is a text, which it is anyway
--- http_config
payments_variant x { provider hmac; secret a2V5; signature_header x-sign; signature_key text; time_unit s; signature_message time body; time_header x-time; }
--- event: {}
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: " . Digest::SHA::hmac_sha256_hex("$::TIME\{}", 'a2V5') . "\nX-Time: $::TIME"
--- result
accepted



=== TEST 92: hmac with a key that is not hex
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_key hex; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "x" is not an even number of hex digits



=== TEST 93: hmac with a key in an unknown form
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_key base32; }
--- must_die
--- error_log
[emerg]
"signature_key" directive has to be "text",



=== TEST 94: hmac with an unknown unit
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; time_unit us; }
--- must_die
--- error_log
[emerg]
"time_unit" directive has to be "s" or "ms"



=== TEST 95: hmac with a unit of no time
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; time_unit ms; }
--- must_die
--- error_log
[emerg]
"payments_variant" "x" of provider "hmac" has a "time_unit", and signs no time



=== TEST 96: hmac with a list behind a prefix
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_prefix v1=; signature_list , t v1; }
--- must_die
--- error_log
[emerg]
"signature_list" directive and "signature_prefix" are two forms



=== TEST 97: hmac with a prefix behind a list
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , t v1; signature_prefix v1=; }
--- must_die
--- error_log
[emerg]
"signature_prefix" directive and "signature_list" are two forms



=== TEST 98: hmac with a list with another separator
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list = t v1; }
--- must_die
--- error_log
[emerg]
"signature_list" directive needs ",", ";", "&" or "|" first



=== TEST 99: hmac with a list with two separators
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list ,, t v1; }
--- must_die
--- error_log
[emerg]
"signature_list" directive needs ",", ";", "&" or "|" first



=== TEST 100: hmac with a list with an empty word
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , "" v1; }
--- must_die
--- error_log
[emerg]
"signature_list" directive needs words of 1 to 16 characters



=== TEST 101: hmac with a list with a long word
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , 12345678901234567; }
--- must_die
--- error_log
[emerg]
"signature_list" directive needs words of 1 to 16 characters



=== TEST 102: hmac with a list with a word that is none
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , t v=; }
--- must_die
--- error_log
[emerg]
"signature_list" directive has a word with more than



=== TEST 103: hmac with a list with a time that is not signed
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , t v1; }
--- must_die
--- error_log
[emerg]
needs a "signature_message" with "time"



=== TEST 104: hmac with a list with a time beside another one
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; signature_list , t v1; time_header x-time; signature_message time body; }
--- must_die
--- error_log
[emerg]
has two times, of "time_header" and of "signature_list"



=== TEST 105: worldline as it came is signed by the first key, with its name
--- http_config
payments_variant worldline { secret first key=k0; secret secret key=k1; }
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app { return 200 "$http_x_gcs_signature $http_x_gcs_keyid\n"; }
--- event eval: $::EVENT{'worldline'}
--- sign
header=none uri=/payments/process/worldline/
--- more_headers eval: ::header('worldline')
--- response_body eval
MIME::Base64::encode_base64(Digest::SHA::hmac_sha256($::EVENT{'worldline'}, 'first'), '') . " k0\n"
--- spool_lines: 0
--- result
accepted



=== TEST 106: payu as it came
--- http_config
payments_variant payu { secret secret; signature_digests md5 sha512 sha256; }
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app { return 200 "$http_openpayu_signature\n"; }
--- suppress_stderr
--- event eval: $::EVENT{'payu'}
--- sign
header=none uri=/payments/process/payu/
--- more_headers eval: ::header('payu')
--- response_body eval
'signature=' . Digest::SHA::sha256_hex("$::EVENT{'payu'}secret") . ";algorithm=SHA-256\n"
--- spool_lines: 0
--- result
accepted



=== TEST 107: mercadopago as it came is not signed: the query is not ours
--- http_config
payments_variant mercadopago { secret secret; }
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app { return 200 "sign=$http_x_signature\n"; }
--- event eval: $::EVENT{'mercadopago'}
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval: ::header('mercadopago')
--- response_body
sign=
--- spool_lines: 0
--- result
accepted



=== TEST 108: standard-webhooks as it came, by a public key, is not signed
--- http_config
payments_variant standard-webhooks {
    secret    whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=;
    tolerance off;
}
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app { return 200 "sign=$http_webhook_signature\n"; }
--- event: {"test": 2432232314}
--- sign
header=none uri=/payments/process/standard-webhooks/
--- more_headers
webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
webhook-timestamp: 1614265330
webhook-signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==
--- response_body
sign=
--- spool_lines: 0
--- result
accepted



=== TEST 109: and by a secret that stands behind it, is
--- http_config
payments_variant standard-webhooks {
    secret    whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=;
    secret    c2VjcmV0;
    tolerance off;
}
--- config
location /payments/process/ {
    payments_process;
    payments_pass @app;
    payments_format raw;
}
location @app { return 200 "sign=$http_webhook_signature\n"; }
--- event: {"test": 2432232314}
--- sign
header=none uri=/payments/process/standard-webhooks/
--- more_headers
webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek
webhook-timestamp: 1614265330
webhook-signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==
--- response_body_like
^sign=v1,[A-Za-z0-9+/]{43}=$
--- spool_lines: 0
--- result
accepted



=== TEST 110: mercadopago, from the future, without a tolerance
--- http_config
payments_variant mercadopago { secret secret; }
--- event eval: $::EVENT{'mercadopago'}
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval
local $::TIME = $::TIME + 4000; ::header('mercadopago')
--- result
accepted



=== TEST 111: and with one
--- http_config
payments_variant mercadopago { secret secret; tolerance 1h; }
--- event eval: $::EVENT{'mercadopago'}
--- sign
header=none uri=/payments/process/mercadopago/?data.id=17
--- more_headers eval
local $::TIME = $::TIME + 4000; ::header('mercadopago')
--- result
refused/too_new



=== TEST 112: braintree
--- http_config
payments_variant braintree {
    public_key pub_1;
    secret     private;
}
--- event eval
[::braintree($::XML), ::braintree($::XML) =~ s/PG5v/PG5x/r]
--- sign
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "braintree", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope eval
'id = "sha256:' . ::sha256_hex($::XML) . q{"
type = "com.braintreegateway.transaction_settled"
subject = "tx1"
time = "2026-11-24T22:11:41Z"
datacontenttype = "application/json"
data.payload = absent
data.token = "tok"
data.amount = 1000
data.amount_decimal = "10.00"
data.status = "confirmed"
data.signed = "body"
data.provider = "braintree"
}



=== TEST 113: braintree, whose keys are about to change
--- http_config
payments_variant braintree {
    public_key pub_1;
    secret next key=new;
    secret first;
    secret private key=pub_1;
}
--- event eval: ::braintree($::XML)
--- sign
header=none uri=/payments/process/braintree/
--- location
add_header X-Secret "secret=$payments_secret";
--- response_headers
X-Secret: secret=3
--- result
accepted



=== TEST 114: braintree, signed and no event
--- http_config
payments_variant braintree { secret private key=pub_1; }
--- event eval
[map { ::braintree($_) } '{}',
 '<!DOCTYPE n [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
     . "<notification><kind>&b;</kind></notification>",
 '<!DOCTYPE n [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
     . "<notification><kind>&a;</kind></notification>",
 '<a>' x 100, "<notification a='" . 'x' x 100000 . "'/>",
 '<notification><kind>a</kind><kind>b</kind></notification>']
--- sign
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
--- result
refused/bad_xml
refused/bad_xml
refused/bad_xml
refused/too_deep
refused/no_event_type
refused/duplicate_key



=== TEST 115: braintree, no form of its
--- http_config
payments_variant braintree { secret private key=pub_1; }
--- event eval
['{}', 'bt_payload=QUJD', 'bt_signature=a', 'bt_signature=a%7Cb&bt_payload=QUJD',
 'bt_signature=a%7Cb&bt_payload=~', 'bt_signature=%zz',
 ::braintree($::XML) . '&bt_payload=QUJD', ::braintree($::XML, 'other')]
--- sign
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
header=none uri=/payments/process/braintree/
--- result
refused/missing_signature
refused/missing_signature
refused/no_body
refused/no_match
refused/bad_form
refused/bad_form
refused/duplicate_key
refused/no_match



=== TEST 116: braintree's challenge
--- http_config
payments_variant braintree {
    secret integration_private_key key=integration_public_key;
}
--- event: {}
--- sign
header=none method=GET length=none uri=/payments/process/braintree/?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53
--- response_body: integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4
--- response_headers
Content-Type: text/plain
--- result
ignored/challenge



=== TEST 117: what is none
--- http_config
payments_variant braintree { secret private key=pub_1; }
payments_variant github { secret private; }
payments_variant off { provider braintree; verify off; }
--- event: {}
--- sign
header=none method=GET length=none uri=/payments/process/braintree/?bt_challenge=20F9f8ed05f77439fe955c977e4c8a53
header=none method=GET length=none uri=/payments/process/braintree/
header=none method=PUT length=none uri=/payments/process/braintree/?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53
header=none method=GET length=none uri=/payments/process/github/?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53
header=none method=GET length=none uri=/payments/process/off/?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53
--- response_headers
Allow: POST
--- result
refused/method
refused/method
refused/method
refused/method
refused/method



=== TEST 118: nor is a HEAD
--- http_config
payments_variant braintree { secret private key=pub_1; }
--- request
HEAD /payments/process/braintree/?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53
--- error_code: 405



=== TEST 119: dotpay
--- http_config
payments_variant dotpay { secret 123; }
--- event eval
my $form = ::dotpay('123'); [$form, $form, $form =~ s/tok/tol/r]
--- sign
header=none uri=/payments/process/dotpay/
header=none uri=/payments/process/dotpay
header=none uri=/payments/process/dotpay
--- answers
200 OK
200 OK
400 {"error": "Invalid signature", "variant": "dotpay", "error_code": 400}
--- result
accepted
accepted
refused/no_match
--- envelope
id = "M-5:completed"
type = "pl.dotpay.payment"
subject = "M-5"
data.token = "tok"
data.amount = 5807
data.currency = "USD"
data.status = "confirmed"
data.signed = "fields"
data.provider = "dotpay"



=== TEST 120: dotpay, ignored and seen before
--- http_config
payments_variant dotpay { secret 123; }
payments_variant other { provider dotpay; secret 123; events refund; }
payments_dedup_zone zone=z:1m;
payments_dedup zone=z;
--- event eval: ::dotpay('123')
--- sign
header=none uri=/payments/process/dotpay/
header=none uri=/payments/process/dotpay/
header=none uri=/payments/process/other/
--- answers
200 OK
200 OK
200 OK
--- response_headers
Content-Type: text/plain
--- result
accepted
duplicate
ignored/event_type



=== TEST 121: a secret without its public key
--- http_config
payments_variant braintree { secret s; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "braintree" needs a "public_key"



=== TEST 122: one that is none
--- http_config
payments_variant braintree { secret s key=a|b; }
--- must_die
--- error_log
[emerg]
secret 1 in "payments_variant" "braintree" has no public key beside it



=== TEST 123: one that is too long
--- http_config eval
'payments_variant braintree { secret s key=' . 'a' x 65 . '; }'
--- must_die
--- error_log
[emerg]
needs a "public_key", or "key=" and that, of 1 to 64 characters



=== TEST 124: the longest
--- http_config eval
'payments_variant braintree { secret s key=' . 'a' x 64 . '; }'
--- event: {}
--- sign
header=none uri=/payments/process/braintree/
--- result
refused/missing_signature



=== TEST 125: a form as large as its base64 may be, and a byte more
--- http_config
payments_variant dotpay { secret 123; }
client_max_body_size 16m;
--- event eval
[::large(12 * 1024 * 1024 - 4), ::large(12 * 1024 * 1024 - 3)]
--- sign
header=none uri=/payments/process/dotpay/
header=none uri=/payments/process/dotpay/
--- result
refused/missing_signature
refused/too_large
--- timeout: 20



=== TEST 126: adyen
--- http_config
payments_variant adyen {
    secret 736563726574;
}
--- event eval: ::events($::EVENT{'adyen'})
--- sign
header=none uri=/payments/process/adyen/
header=none uri=/payments/process/adyen
--- more_headers eval: ::header('adyen')
--- answers
200 [accepted]
400 {"error": "Invalid signature", "variant": "adyen", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "sha256:1763213bbcd84b9ff9586cc27d412780205986c344cad8bfdaf2b5aa04d7e387"
type = "com.adyen.recurring.token.created"
data.account = "Shop"
data.livemode = true
data.signed = "body"
data.provider = "adyen"



=== TEST 127: gocardless, an event that is not in a list
--- http_config
payments_variant gocardless {
    secret secret;
}
--- event eval: ::events($::EVENT{'gocardless'})
--- sign
header=none uri=/payments/process/gocardless/
header=none uri=/payments/process/gocardless
--- more_headers eval: ::header('gocardless')
--- answers
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "gocardless", "error_code": 400}
--- result
accepted
refused/no_match
--- envelope
id = "EV1"
type = "com.gocardless.payments.confirmed"
subject = "PM1"
data.status = "confirmed"
data.signed = "body"
data.provider = "gocardless"



=== TEST 128: przelewy24, with fields that are signed and one that is not
--- http_config
payments_variant przelewy24 {
    secret a1b2c3;
}
--- event eval: [::przelewy24(10, 'a'), ::przelewy24(10, 'b'), ::przelewy24(20, 'a')]
--- sign
header=none uri=/payments/process/przelewy24/
header=none uri=/payments/process/przelewy24
header=none uri=/payments/process/przelewy24
--- answers
200 {"status": "OK"}
200 {"status": "OK"}
400 {"error": "Invalid signature", "variant": "przelewy24", "error_code": 400}
--- result
accepted
accepted
refused/no_match
--- envelope
type = "pl.przelewy24.transaction"
subject = "7"
data.status = "waiting"
data.amount = 10
data.currency = "PLN"
data.token = "tok"
data.account = "1"
data.signed = "fields"
data.provider = "przelewy24"



=== TEST 129: przelewy24, without a signature in the body
--- http_config
payments_variant przelewy24 {
    secret a1b2c3;
}
--- event: {"merchantId":1}
--- sign
header=none uri=/payments/process/przelewy24/
--- answers
400 {"error": "Missing signature", "variant": "przelewy24", "error_code": 400}
--- result
refused/missing_signature



=== TEST 55: przelewy24, at the URL of another shop
--- http_config
payments_variant przelewy24 { secret a1b2c3; }
payments_variant shop { provider przelewy24; secret d4e5f6; }
--- event eval: ::przelewy24(10, 'a')
--- sign
header=none uri=/payments/process/shop/
--- result
refused/no_match
--- error_log
it was made with the secret of "przelewy24"



=== TEST 130: a public key that no secret needs
--- http_config
payments_variant github { secret s; public_key p; }
--- must_die
--- error_log
[emerg]
"payments_variant" "github" of provider "github" has "public_key", and its gateway names none



=== TEST 131: two of them
--- http_config
payments_variant braintree { secret s; public_key p; public_key q; }
--- must_die
--- error_log
[emerg]
"public_key" directive is duplicate



=== TEST 132: hmac, with the id where it is said to be
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id meta.event; }
--- event eval: ::events('{"id":17,"type":"t","meta":{"event":"e1"}}')
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: " . Digest::SHA::hmac_sha256_hex('{"id":17,"type":"t","meta":{"event":"e1"}}', 's')
--- result
accepted
--- envelope
id = "e1"
subject = "17"



=== TEST 133: hmac, with an id that is a number, and at a path of others
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id id; require id 17; token id; }
--- event eval: ::events('{"id":17,"n":1}')
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: " . Digest::SHA::hmac_sha256_hex('{"id":17,"n":1}', 's')
--- result
accepted
--- envelope
id = "17"
data.token = "17"



=== TEST 138: hmac, without an id where it is said to be
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id id; }
--- event eval: ::events('{"id":"","n":1}')
--- sign
header=none uri=/payments/process/x/
--- more_headers eval
"X-Sign: " . Digest::SHA::hmac_sha256_hex('{"id":"","n":1}', 's')
--- result
accepted
--- envelope eval
'id = "sha256:' . Digest::SHA::sha256_hex('{"id":"","n":1}') . '"'



=== TEST 134: hmac with two ids
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id id; id_header x-id; }
--- must_die
--- error_log
[emerg]
"payments_variant" "x" of provider "hmac" has two ids, of "id_header" and of "event_id"



=== TEST 135: a gateway knows where its ids are
--- http_config
payments_variant stripe { secret whsec_test; event_id id; }
--- must_die
--- error_log
[emerg]
"payments_variant" "stripe" has an "event_id", which is for provider "hmac" only



=== TEST 136: hmac with an id twice
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id id; event_id id; }
--- must_die
--- error_log
[emerg]
"event_id" directive is duplicate



=== TEST 137: hmac with an id that no path leads to
--- http_config
payments_variant x { provider hmac; secret s; signature_header x-sign; event_id a..b; }
--- must_die
--- error_log
[emerg]
"event_id" has a path that has an empty key
