#!/usr/bin/env python3

# Copyright (C) 2026 ngx_http_payments_module contributors
#
# Bodies of a corpus, which is no part of this repository, as envelopes:
# PAYMENTS_CORPUS says where it lies.

import glob
import json
import os
import shlex
import shutil
import subprocess
import sys
from datetime import datetime


CC = shlex.split(os.environ.get('CC') or 'gcc')
CORPUS = os.environ.get('PAYMENTS_CORPUS') or '../shared/corpus'
FOLDERS = ['v1-ruby-mock', 'v2-thin']
PROGRAM = 'build/unit/envelope'

count = 0
failed = 0


def ok(passed, name):
    global count, failed

    count += 1
    failed += not passed
    print('%sok %d - %s' % ('' if passed else 'not ', count, name),
          flush=True)

    return passed


def same(got, expected, name):
    if not ok(got == expected, name):
        print('#      got: %.500r' % (got,))
        print('# expected: %.500r' % (expected,))


def build():
    os.makedirs(os.path.dirname(PROGRAM), exist_ok=True)

    sources = ['t/unit/envelope.c']
    sources += sorted(glob.glob('src/core/*.c'))
    sources += sorted(glob.glob('src/core/providers/*.c'))

    command = [*CC, '-std=gnu11', '-D_GNU_SOURCE', '-g',
               '-O1', '-Wall', '-Wextra', '-Werror',
               '-fsanitize=address,undefined', '-fno-sanitize-recover=all',
               '-Isrc/core', '-It/unit', '-o', PROGRAM]

    libraries = ['-lexpat', '-lcrypto']

    return subprocess.run(command + sources + libraries,
                          stdout=sys.stderr).returncode == 0


# Python reads constants that are no JSON: refuse them, and keep the texts of
# numbers, the order of keys, and duplicates

def constant(text):
    raise ValueError(text)


class Number(str):
    def __eq__(self, other):
        return type(other) is Number and str.__eq__(self, other)

    __hash__ = str.__hash__


def exact(text):
    return json.loads(text, parse_int=Number, parse_float=Number,
                      parse_constant=constant,
                      object_pairs_hook=lambda pairs: ('object', pairs))


def plain(text):
    return json.loads(text, parse_constant=constant)


def seconds(created):
    if isinstance(created, str):
        text = created.replace('Z', '+00:00')

        # no more than microseconds are known to Python

        head, dot, tail = text.partition('.')
        if dot:
            digits = tail[:len(tail) - len('+00:00')]
            text = head + tail[len(digits):]

        return int(datetime.fromisoformat(text).timestamp())

    return created


def check(path):
    name = os.path.relpath(path, os.path.join(CORPUS, 'stripe'))

    with open(path, 'rb') as f:
        body = f.read()

    run = subprocess.run([PROGRAM], input=body, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)

    if not ok(run.returncode == 0, name + ': accepted'):
        print('# ' + run.stderr.decode('utf-8', 'replace').split('\n')[0])
        return

    line = run.stdout

    ok(line.count(b'\n') == 1 and line.endswith(b'\n')
       and b'\r' not in line, name + ': one line')

    try:
        text = line.decode('utf-8')
        envelope = plain(text)
        payload = dict(dict(exact(text)[1])['data'][1])['payload']
        event = plain(body.decode('utf-8'))

    except ValueError as e:
        ok(False, name + ': JSON: ' + str(e))
        return

    same(payload, exact(body.decode('utf-8')), name + ': payload')

    # byte for byte, but for the line breaks

    flat = body.replace(b'\r', b' ').replace(b'\n', b' ')
    ok(line.endswith(b'"payload":' + flat + b'}}\n'), name + ': its bytes')

    data = envelope['data']
    kind = event.get('type') or event['object']
    created = event.get('created')

    same(envelope['specversion'], '1.0', name + ': specversion')
    same(envelope['id'], event['id'], name + ': id')
    same(envelope['type'], 'com.stripe.' + kind, name + ': type')
    same(data['event'], kind, name + ': event')
    same(data['livemode'], event.get('livemode'), name + ': livemode')
    same(data['created'], seconds(created), name + ': created')

    if isinstance(created, str):
        same(envelope['time'], created, name + ': time as sent')

    else:
        moment = datetime.strptime(envelope['time'], '%Y-%m-%dT%H:%M:%SZ')
        same((moment - datetime(1970, 1, 1)).total_seconds(), created,
             name + ': time')

    if event.get('object') == 'v2.core.event':
        subject = (event.get('related_object') or {}).get('id')
        account = event.get('context')

    else:
        subject = event['data']['object'].get('id')
        account = event.get('account')

    same(envelope.get('subject'), subject, name + ': subject')
    same(data['transaction_id'], subject, name + ': transaction_id')
    same(data['account'], account, name + ': account')
    same(data['api_version'], event.get('api_version'),
         name + ': api_version')


def main():
    files = []

    for folder in FOLDERS:
        files += sorted(glob.glob(os.path.join(CORPUS, 'stripe', folder,
                                               '*.json')))

    if not files:
        print('1..0 # SKIP corpus not found')
        return 0

    if shutil.which(CC[0]) is None:
        print('1..0 # SKIP no compiler')
        return 0

    if not ok(build(), 'the program is built'):
        print('1..%d' % count)
        return 1

    for path in files:
        check(path)

    for folder in FOLDERS:
        ok(any(os.sep + folder + os.sep in path for path in files),
           folder + ' was not empty')

    print('1..%d' % count)

    return 1 if failed else 0


sys.exit(main())
