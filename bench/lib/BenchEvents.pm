package BenchEvents;

# Copyright (C) 2026 ngx_http_payments_module contributors

# Bodies like a gateway's, made here: the shape and the size of real ones, all
# values invented.  Thousands of each, no two alike, signed when they are asked
# for and again when the signatures are about to be too old.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use JSON::PP ();

our $SECRET = 'whsec_Zm9yVGhlQmVuY2htYXJrc09ubHkwMDAx';

# Records in a file; a signature is good for five minutes
our $RECORDS = 4096;
my $FRESH = 120;

my @NAMES = ('Zoë Müller', 'Jane Doe', 'José García', 'Anna Kowalska',
             'Yuki Tanaka', 'Noël O’Brien');

# What differs from event to event: $X$ in a string, "#X#" for a number
my %VALUES = (
    I => sub { alnum(24) }, S => sub { alnum(58) }, C => sub { alnum(14) },
    P => sub { alnum(24) }, U => sub { uuid() },
    A => sub { 1000 + int rand 90000 }, O => sub { 10000 + int rand 90000 },
    T => sub { 1764020246 + int rand 1_000_000 },
    N => sub { $NAMES[rand @NAMES] }, M => sub { lc alnum(10) },
);

my (%templates, %made);
my ($NO, $YES) = (JSON::PP::false, JSON::PP::true);


sub alnum {
    my ($n) = @_;

    my @chars = ('A' .. 'Z', 'a' .. 'z', 0 .. 9);

    return join '', map { $chars[rand @chars] } 1 .. $n;
}


sub uuid {
    my $hex = join '', map { sprintf '%04x', rand 65536 } 1 .. 8;

    $hex =~ s/^(.{8})(.{4})(.{4})(.{4})/$1-$2-$3-$4-/;

    return $hex;
}


sub nulls {
    return map { $_ => undef } @_;
}


# As the gateway writes them: two blanks a level, the id first, keys sorted

sub json {
    my ($data) = @_;

    my %rank = (id => 0, object => 1);

    my $json = JSON::PP->new->indent->indent_length(2)->space_after
        ->sort_by(sub {
            no warnings 'once';
            ($rank{$JSON::PP::a} // 2) <=> ($rank{$JSON::PP::b} // 2)
                || $JSON::PP::a cmp $JSON::PP::b;
        })->encode($data);

    $json =~ s/"#([A-Z])#"/\$$1\$/g;

    return $json;
}


sub event {
    my ($type, $object) = @_;

    return json({
        id => 'evt_1$I$', object => 'event', api_version => '2025-03-31.basil',
        created => '#T#', data => { object => $object }, livemode => $YES,
        pending_webhooks => 1, type => $type,
        request => { id => 'req_$C$', idempotency_key => '$U$' },
    });
}


sub thin {
    return json({
        id => 'evt_$S$', object => 'v2.core.event',
        type => 'v2.core.account[requirements].updated', livemode => $YES,
        created => '2025-11-24T21:37:26.$A$Z', context => 'acct_1$C$',
        reason => { type => 'request',
                    request => { id => 'req_$C$', idempotency_key => '$U$' } },
        related_object => { id => 'acct_1$C$', type => 'v2.core.account',
                            url => '/v2/core/accounts/acct_1$C$' },
    });
}


sub checkout {
    return event('checkout.session.completed', {
        id => 'cs_live_$S$', object => 'checkout.session',
        amount_subtotal => '#A#', amount_total => '#A#',
        adaptive_pricing => { enabled => $YES },
        automatic_tax => { enabled => $NO,
                           nulls(qw(liability provider status)) },
        client_reference_id => '$U$', created => '#T#', currency => 'eur',
        collected_information => { shipping_details => undef },
        custom_fields => [], expires_at => '#T#', livemode => $YES,
        custom_text => { nulls(qw(after_submit shipping_address submit
                                  terms_of_service_acceptance)) },
        customer => 'cus_$C$', customer_creation => 'if_required',
        customer_details => {
            address => { city => 'Zürich', country => 'CH', line1 =>
                         'Bahnhofstrasse $O$', line2 => undef,
                         postal_code => '$O$', state => undef },
            email => '$M$@example.com', name => '$N$', phone => undef,
            tax_exempt => 'none', tax_ids => [],
        },
        invoice_creation => { enabled => $NO, invoice_data => {
            nulls(qw(account_tax_ids custom_fields description footer issuer
                     rendering_options)), metadata => {} } },
        metadata => { order => '$O$', shop => 'shop.example.com' },
        mode => 'payment', payment_intent => 'pi_3$P$',
        payment_method_collection => 'if_required',
        payment_method_options => { card => {
            request_three_d_secure => 'automatic' } },
        payment_method_types => [qw(card klarna link)],
        payment_status => 'paid', phone_number_collection => { enabled => $NO },
        presentment_details => { presentment_amount => '#A#',
                                 presentment_currency => 'chf' },
        shipping_options => [], status => 'complete', submit_type => undef,
        success_url => 'https://shop.example.com/thanks/$U$',
        total_details => { amount_discount => 0, amount_shipping => 0,
                           amount_tax => 0 },
        ui_mode => 'hosted', wallet_options => undef,
        nulls(qw(after_expiration allow_promotion_codes
                 billing_address_collection cancel_url client_secret consent
                 consent_collection currency_conversion customer_email invoice
                 locale origin_context payment_link recovered_from setup_intent
                 payment_method_configuration_details saved_payment_method_options
                 shipping_address_collection shipping_cost subscription url)),
    });
}


sub line {
    return {
        id => 'il_1$I$', object => 'line_item', amount => '#A#',
        currency => 'eur', description => '3 × Sample plan $O$ (at €12.00 / month)',
        discount_amounts => [], discountable => $YES, discounts => [],
        invoice => 'in_1$I$', livemode => $YES, metadata => { sku => '$M$' },
        parent => {
            invoice_item_details => undef, type => 'subscription_item_details',
            subscription_item_details => {
                invoice_item => undef, proration => $NO,
                proration_details => { credited_items => undef },
                subscription => 'sub_1$I$', subscription_item => 'si_$C$' } },
        period => { end => '#T#', start => '#T#' }, pretax_credit_amounts => [],
        pricing => { type => 'price_details', unit_amount_decimal => '$A$',
                     price_details => { price => 'price_1$I$',
                                        product => 'prod_$C$' } },
        quantity => 3, taxes => [ {
            amount => '#O#', tax_behavior => 'exclusive',
            tax_rate_details => { tax_rate => 'txr_1$I$' },
            taxability_reason => 'standard_rated', taxable_amount => '#A#',
            type => 'tax_rate_details' } ],
    };
}


sub invoice {
    return event('invoice.paid', {
        id => 'in_1$I$', object => 'invoice', account_country => 'CH',
        account_name => 'Sample Shop', amount_due => '#A#',
        amount_paid => '#A#', amount_remaining => 0, amount_shipping => 0,
        attempt_count => 1, attempted => $YES, auto_advance => $NO,
        automatic_tax => { enabled => $YES, status => 'complete', nulls(qw(
                           disabled_reason liability provider)) },
        billing_reason => 'subscription_cycle', created => '#T#',
        collection_method => 'charge_automatically', currency => 'eur',
        customer => 'cus_$C$', customer_email => '$M$@example.com',
        customer_name => '$N$', discounts => [], livemode => $YES,
        hosted_invoice_url => 'https://invoice.example.com/i/$S$',
        invoice_pdf => 'https://invoice.example.com/i/$S$/pdf',
        lines => { object => 'list', data => [map { line() } 1 .. 6],
                   has_more => $NO, total_count => 6,
                   url => '/v1/invoices/in_1$I$/lines' },
        metadata => { order => '$O$' }, number => '$C$-0007',
        parent => { type => 'subscription_details', quote_details => undef,
                    subscription_details => { metadata => {},
                                              subscription => 'sub_1$I$' } },
        payment_settings => { default_mandate => undef,
                              payment_method_options => undef,
                              payment_method_types => ['card'] },
        period_end => '#T#', period_start => '#T#', status => 'paid',
        post_payment_credit_notes_amount => 0, starting_balance => 0,
        pre_payment_credit_notes_amount => 0, subtotal => '#A#',
        status_transitions => { finalized_at => '#T#', paid_at => '#T#',
                                nulls(qw(marked_uncollectible_at
                                         voided_at)) },
        total => '#A#', total_taxes => [], webhooks_delivered_at => '#T#',
        nulls(qw(account_tax_ids application custom_fields customer_address
                 customer_phone customer_shipping default_payment_method
                 default_source description due_date effective_at footer
                 from_invoice issuer last_finalization_error latest_revision
                 next_payment_attempt on_behalf_of receipt_number rendering
                 shipping_cost shipping_details statement_descriptor
                 test_clock)),
    });
}


# Of a size in bytes: one long string more, as metadata may have them

sub sized {
    my ($size) = @_;

    my $body = event('checkout.session.completed',
                     { id => 'cs_$C$', object => 'checkout.session',
                       amount_total => '#A#', currency => 'eur',
                       payment_status => 'paid', notes => ['?'] });
    my $note = 'a note of some words, as a shop might write it ' . 'x' x 16;
    my $rest = $size - length($body) - 60;
    my $notes = join '", "', ($note) x (1 + ($rest > 0 ? $rest / 67 : 0));

    $body =~ s/\?/$notes/;

    return $body;
}


my %KINDS = (thin => \&thin, checkout => \&checkout, invoice => \&invoice);


sub body {
    my ($kind) = @_;

    my $text = $templates{$kind} //=
        $KINDS{$kind} ? $KINDS{$kind}->() : sized($kind);
    my %value = map { $_ => $VALUES{$_}->() } keys %VALUES;

    $text =~ s/\$([A-Z])\$/$value{$1}/g;

    return $text;
}


# A request but for "POST" and its URL.  body: webhook's rule has the signature
# of the body alone, as GitHub makes it.

sub request {
    my ($body, $secret, $of_body) = @_;

    my $now = time;

    return sprintf " HTTP/1.1\r\nHost: localhost\r\n"
        . "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
        . "Accept: */*; q=0.5, application/xml\r\nCache-Control: no-cache\r\n"
        . "Content-Type: application/json; charset=utf-8\r\n"
        . "Content-Length: %d\r\n%s\r\n%s", length $body,
        $of_body ? "X-Hub-Signature-256: sha256="
                   . hmac_sha256_hex($body, $secret) . "\r\n"
        : "Stripe-Signature: t=$now,v1="
          . hmac_sha256_hex("$now.$body", $secret) . "\r\n", $body;
}


# The file with requests of a kind, made when there is none that is fresh, and
# the average length of their bodies

sub file {
    my ($dir, $kind, %opt) = @_;

    my $secret = $opt{secret} // $SECRET;
    my $records = $opt{records} // $RECORDS;
    my $of_body = $opt{of_body} ? 1 : 0;
    my $path = "$dir/events-$kind-$of_body";
    my $made = $made{"$path $secret"};

    return @$made[1, 2] if $made && time - $made->[0] < $FRESH;

    delete @made{grep { /^\Q$path\E / } keys %made};

    my $bytes = 0;

    open my $f, '>:raw', $path or die "$path: $!\n";

    for (1 .. $records) {
        my $body = body($kind);
        my $request = request($body, $secret, $of_body);

        $bytes += length $body;
        print $f length($request), "\n$request";
    }

    close $f or die "$path: $!\n";

    $made{"$path $secret"} = [time, $path, $bytes / $records];

    return ($path, $bytes / $records);
}


1;
