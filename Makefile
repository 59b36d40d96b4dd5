# Copyright (C) 2026 ngx_http_payments_module contributors
#
# GNU make.  Everything that is generated goes below build/, but for the report
# of the whole "make bench".

BUILD   = build
MODULE  = $(BUILD)/ngx_http_payments_module.so

# Empty: the installed nginx, by way of Debian's nginx-dev.  Or the directory
# of an nginx source tree (release or git checkout): then an nginx is built
# from it too, and used by "run" and "test".
#
# A module can only be loaded by the nginx it was built for: the version must
# be the very same and the configure flags must agree ("nginx -V" shows them;
# with --with-compat in both, few others matter).
NGX_SRC =
NGX_CONF_FLAGS = --with-compat --with-threads --with-debug \
	--with-http_ssl_module --with-http_v2_module \
	--with-http_auth_request_module --with-http_gzip_static_module \
	--with-http_sub_module

# More than nginx's own flags and the ones below, e.g. CFLAGS=-O0
CFLAGS  =
LDFLAGS =

# A subset of the tests, e.g. make test T="t/030-verify.t t/unit/test_event.c"
T = $(sort $(wildcard t/*.t)) $(UNIT_C) $(FUZZ_C)

# Test::Nginx's port; a free one, since it makes room for itself by force
TEST_PORT = 1984

# One nginx process by default.  Test::Nginx, run by root, writes "user root"
# into its configuration; make test WORKER_USER=nobody tries another user.
WORKER_USER =

UNIT_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover -Isrc/core -It/unit
UNIT_LIBS   = -lyajl -lexpat -lcrypto

# Seconds of "make fuzz" in all, and the targets that it shares them among
FUZZ_SECONDS = 60
FUZZ = event form gateway grammar recover signature text unwrap xml

# libFuzzer is a part of clang
CLANG       = clang
FUZZ_CFLAGS = -std=gnu11 -g -O1 -Wall -Wextra -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover -Isrc/core

CORE_C  = $(sort $(wildcard src/core/*.c src/core/providers/*.c))
CORE_H  = $(sort $(wildcard src/core/*.h src/core/providers/*.h))
NGX_C   = $(sort $(wildcard *.c src/*.c))
NGX_H   = $(sort $(wildcard src/*.h))
UNIT_C  = $(sort $(wildcard t/unit/test_*.c))
UNIT_H  = $(sort $(wildcard t/unit/*.h))
FUZZ_C  = $(sort $(wildcard t/fuzz/fuzz_*.c))
FUZZ_H  = $(sort $(wildcard t/fuzz/*.h))

# Not a variable named NGINX: nginx takes that for sockets that it inherits
ifneq ($(NGX_SRC),)
NGINX_BIN = $(CURDIR)/$(BUILD)/objs/nginx
TREE      = $(NGX_SRC)
else
NGINX_BIN = $(firstword \
	$(shell PATH="$$PATH:/usr/sbin:/sbin" command -v nginx) nginx)
TREE      = /usr/share/nginx/src
endif

# More of what fails, for what takes its time
PAYMENTS_LONG ?=

export CC CFLAGS LDFLAGS NGINX_BIN PAYMENTS_LONG


.PHONY: all module nginx unit deps deps-test deps-run deps-lint deps-fuzz
.PHONY: run serve test fuzz lint clean help FORCE
.PHONY: test-crash test-all
.PHONY: deps-matrix test-matrix
.PHONY: deps-bench bench
.PHONY: deps-check test-sanitize test-tsan test-valgrind test-leak test-drain coverage
.DELETE_ON_ERROR:
.SECONDARY:

all: module


## make            build/ngx_http_payments_module.so for the installed nginx
## make NGX_SRC=d  the same for an nginx source tree, and that nginx
module: $(MODULE)

# nginx's own Makefile knows best which objects are out of date.  It must not
# get this make's flags: CFLAGS=... on the command line would replace its own.
$(MODULE): $(BUILD)/objs/Makefile $(NGX_C) $(NGX_H) $(CORE_C) $(CORE_H)
	MAKEFLAGS= $(MAKE) -j2 -C $(BUILD)/nginx \
		-f $(CURDIR)/$(BUILD)/objs/Makefile $(if $(NGX_SRC),binary) modules
	# An nginx that runs has the old one mapped: replace it, not its bytes
	cp $(BUILD)/objs/$(@F) $@.new
	mv $@.new $@

$(BUILD)/objs/Makefile: config util/configure.sh $(BUILD)/settings
	util/configure.sh $(BUILD) '$(NGX_SRC)' '$(NGX_CONF_FLAGS)'

# Changes only when what is configured does: settings, the list of files, or
# the version of nginx
$(BUILD)/settings: FORCE
	@mkdir -p $(BUILD)
	@printf '%s\n' '$(NGX_SRC)' '$(NGX_CONF_FLAGS)' '$(CC)' '$(CFLAGS)' \
		'$(LDFLAGS)' '$(UNIT_CFLAGS)' $(NGX_C) $(CORE_C) \
		"$$(cat $(TREE)/src/core/nginx.h $(TREE)/conf_flags 2>&1 | cksum)" \
		>$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@


## make deps       install what building needs (root, or by sudo)
deps:
	util/deps.sh build

## make deps-test  install what the tests need
deps-test:
	util/deps.sh test

deps-run:
	util/deps.sh build run

deps-lint:
	util/deps.sh lint

deps-fuzz:
	util/deps.sh fuzz

deps-check:
	util/deps.sh check


## make run        install, build, and show it at work with sample events
run: deps-run
	$(MAKE) module
	util/run.sh

## make serve      the same nginx, in the foreground until Ctrl-C
serve: deps-run
	$(MAKE) module
	util/run.sh serve


## make test       install, build, run all tests; T="t/x.t" for some of them,
##                 PAYMENTS_LONG=1 for places that take their time; 5 minutes
test: deps-test
	$(MAKE) module $(filter $(BUILD)/unit/% $(BUILD)/fuzz/%,$(TESTS))
	@util/testport.pl $(TEST_PORT)
	TEST_NGINX_BINARY='$(NGINX_BIN)' \
	TEST_NGINX_LOAD_MODULES='$(CURDIR)/$(MODULE)' \
	TEST_NGINX_SERVROOT='$(CURDIR)/$(BUILD)/servroot' \
	TEST_NGINX_PORT=$(TEST_PORT) \
	$(if $(WORKER_USER),TEST_NGINX_WORKER_USER=$(WORKER_USER)) \
	prove -It/lib $(TESTS)

# prove runs a program that is not text as it is, everything else by perl
TESTS = $(patsubst t/unit/%.c,$(BUILD)/unit/%.t, \
	$(patsubst t/fuzz/fuzz_%.c,$(BUILD)/fuzz/replay_%.t,$(T)))

## make unit       build the unit tests of the core: build/unit/*.t
unit: $(patsubst t/unit/%.c,$(BUILD)/unit/%.t,$(UNIT_C))

# A test may name linker flags: a line like  /* LDFLAGS: -Wl,--wrap=write */
$(BUILD)/unit/%.t: t/unit/%.c $(UNIT_H) $(CORE_H) \
		$(patsubst %.c,$(BUILD)/unit/%.o,$(CORE_C))
	@echo '  CC  $@'
	@$(CC) $(UNIT_CFLAGS) $(CFLAGS) -o $@ $(filter %.c %.o,$^) \
		$$(sed -n 's|^/\* LDFLAGS: *\(.*\) \*/$$|\1|p' $<) \
		$(LDFLAGS) $(UNIT_LIBS)

$(BUILD)/unit/src/%.o: src/%.c $(CORE_H) $(BUILD)/settings
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(CC) $(UNIT_CFLAGS) $(CFLAGS) -c -o $@ $<


# The fuzz targets on their seeds alone, as tests
$(BUILD)/fuzz/replay_%.t: t/fuzz/fuzz_%.c t/fuzz/replay.c $(FUZZ_H) \
		t/unit/tap.h $(CORE_H) $(patsubst %.c,$(BUILD)/unit/%.o,$(CORE_C))
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(CC) $(UNIT_CFLAGS) $(CFLAGS) -DFUZZ_SEEDS='"t/fuzz/seeds/$*"' -o $@ \
		$(filter %.c %.o,$^) $(LDFLAGS) $(UNIT_LIBS)


## make fuzz       look for inputs that break the core: its parsers of headers,
##                 bodies and spool files, held against slow ones of the tests;
##                 60 s in all, FUZZ_SECONDS=3600 for an hour, FUZZ="event text"
##                 for some targets; inputs up to 8 KB, segments up to 512 KB
fuzz: deps-fuzz
	$(MAKE) $(patsubst %,$(BUILD)/fuzz/fuzz_%,$(FUZZ))
	t/fuzz/run.sh $(BUILD) $(FUZZ_SECONDS) $(FUZZ)

$(BUILD)/fuzz/fuzz_%: t/fuzz/fuzz_%.c $(FUZZ_H) $(CORE_H) \
		$(patsubst %.c,$(BUILD)/fuzz/%.o,$(CORE_C))
	@echo '  CC  $@'
	@$(CLANG) $(FUZZ_CFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ \
		$(filter %.c %.o,$^) $(LDFLAGS) $(UNIT_LIBS)

$(BUILD)/fuzz/src/%.o: src/%.c $(CORE_H) $(BUILD)/settings
	@mkdir -p $(@D)
	@echo '  CC  $@'
	@$(CLANG) $(FUZZ_CFLAGS) $(CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<


## make test-sanitize  all tests, below an nginx that is built for it with
##                 ASan, LSan and UBSan; any report fails it; 4 minutes
## make test-drain  100,000 events that wait: how fast the relay delivers them,
##                 and with how much memory; 1 minute
## make test-tsan  the same with ThreadSanitizer; 4 minutes
## make test-valgrind  t/0*.t below the installed nginx in memcheck; 9 minutes
## make test-leak  200,000 events to one worker: how its memory grows; 1 minute
## make coverage   all tests, and the lines that none of them reaches, in
##                 build/coverage/report.txt; fails when t/uncovered has no
##                 reason for one; 5 minutes
##                 each of these: loopback only, files below build/; SHORT=1
##                 for a part of it, T= for some tests where it runs tests.
##                 Not beside make test.
test-sanitize: deps-check
	NGX_SRC='$(NGX_SRC)' TEST_PORT=$(TEST_PORT) util/sanitize.sh address \
		$(call some,$(UNIT_C) t/000-load.t t/035-verify.t t/100-load.t,$(T))

test-tsan: deps-check
	NGX_SRC='$(NGX_SRC)' TEST_PORT=$(TEST_PORT) util/sanitize.sh thread \
		$(call some,t/000-load.t t/100-load.t,$(T))

test-valgrind: deps-check module
	TEST_PORT=$(TEST_PORT) util/sanitize.sh valgrind \
		$(call some,t/000-load.t t/035-verify.t,$(sort $(wildcard t/0*.t)))

# Events, and KB for 1000 events; 31 are one small block for each event
test-leak: deps-test module
	TEST_NGINX_BINARY='$(NGINX_BIN)' util/leak.pl $(if $(SHORT),20000 16,200000 2)

test-drain: deps-check module
	TEST_NGINX_BINARY='$(NGINX_BIN)' \
	TEST_NGINX_LOAD_MODULES='$(CURDIR)/$(MODULE)' \
	util/drain.pl $(if $(SHORT),20000 1,100000 5)

# gcc has put down the names of files from two directories
coverage: deps-check
	rm -rf $(BUILD)/coverage
	umask 0; $(MAKE) test BUILD=$(BUILD)/coverage \
		CFLAGS='-O0 --coverage -fprofile-update=atomic' LDFLAGS=--coverage \
		T='$(call some,$(UNIT_C) $(sort $(wildcard t/0*.t)),$(T))'; \
	status=$$?; cd $(BUILD)/coverage && \
	$(GCOVR) --json -o module.json --object-directory=nginx objs && \
	$(GCOVR) --json -o tests.json unit && \
	$(GCOVR) -a module.json -a tests.json -o report.txt && \
	cat report.txt && cd $(CURDIR) && \
	util/uncovered.pl $(BUILD)/coverage/*.json && exit $$status

GCOVR = gcovr -r $(CURDIR) -f $(CURDIR)/src/ -f '$(CURDIR)/[^/]*\.c'

# Tests: T, when it is given, or the short form's, or all
SHORT =
some = $(if $(filter command,$(origin T)),$(T),$(if $(SHORT),$(1),$(2)))


## make test-crash  rounds of events while nginx is killed, stopped, reloaded and
##                 replaced: nothing that was answered with 200 is lost; 15
##                 rounds of 1.5 s, CRASH_ROUNDS=200 for 5 minutes, CRASH_SECONDS=60
##                 ends it earlier, CRASH_SEED= the number that another run
##                 printed; loopback only, files below build/, no wait is longer
##                 than 40 s
test-crash: deps-test module
	TEST_NGINX_BINARY='$(NGINX_BIN)' \
	TEST_NGINX_LOAD_MODULES='$(CURDIR)/$(MODULE)' \
	CRASH_ROUNDS='$(CRASH_ROUNDS)' CRASH_SECONDS='$(CRASH_SECONDS)' \
	CRASH_SEED='$(CRASH_SEED)' CRASH_FIRST='$(CRASH_FIRST)' \
	prove -It/lib t/crash/crash.t

CRASH_ROUNDS  = 15
CRASH_SECONDS =
CRASH_SEED    =
CRASH_FIRST   =


## make test-matrix  all tests on Debian 12, 13 and sid, each in a folder that
##                 debootstrap makes, with gcc and clang, as a dynamic module and
##                 built into nginx; HTTP/1.1, HTTP/2 and HTTP/3 over TLS; root,
##                 40 minutes, 2 GB for each, deleted at the end; the tests have
##                 nothing but loopback; SUITES="trixie sid" for some, SHORT=1
##                 for a part of it, KEEP=1 leaves the folders for the next run
test-matrix: deps-matrix
	SUITES='$(SUITES)' SHORT='$(SHORT)' KEEP='$(KEEP)' NGX_SRC='$(NGX_SRC)' \
		util/matrix.sh

deps-matrix:
	util/deps.sh matrix

SUITES = bookworm trixie sid
KEEP   =


## make bench      what an event costs, beside nginx alone, njs, Lua, Django and
##                 webhook, by turns: writes bench/RESULTS.md and chart.svg; 20
##                 minutes; CASE=growth: over bodies, variants, secrets and files,
##                 7 minutes; CASE=journal: this module on ext4 with a journal, for
##                 root, 4 minutes; SHORT=1: a part in 1 minute; ROUNDS=5, SECONDS=2 of
##                 each run, CASES="verify durable" for some; a part is written
##                 below build/bench, as is all else.  Loopback only; two cores
##                 that have nothing else to do
bench: deps-bench module
	NGINX_BIN='$(NGINX_BIN)' SHORT='$(SHORT)' ROUNDS='$(ROUNDS)' \
	SECONDS='$(SECONDS)' CASES='$(CASES)' bench/bench.pl $(CASE)

deps-bench:
	util/deps.sh bench

ROUNDS  =
SECONDS =
CASES   =
CASE    =


## make test-all   before a release: all tests of the above, in their long forms; root,
##                 2 hours
test-all:
	$(MAKE) lint
	$(MAKE) test PAYMENTS_LONG=1
	$(MAKE) test-sanitize
	$(MAKE) test-tsan
	$(MAKE) test-valgrind
	$(MAKE) test-leak
	$(MAKE) test-drain
	$(MAKE) test-crash CRASH_ROUNDS=200
	$(MAKE) fuzz FUZZ_SECONDS=600
	$(MAKE) coverage
	$(MAKE) test-matrix


## make lint       style, cppcheck, gcc's analyzer; any finding is an error
lint: deps-lint
	util/style --self-test
	util/style
	util/uncovered.pl
	cppcheck -q --std=c11 --enable=warning,performance,portability \
		--error-exitcode=1 --inline-suppr -Isrc/core $(CORE_C)
	cppcheck -q --std=c11 --enable=warning,performance,portability \
		--error-exitcode=1 --inline-suppr -Isrc -Isrc/core $(NGX_C)
	@mkdir -p $(BUILD)
	for f in $(CORE_C); do \
		gcc -fanalyzer -std=gnu11 -Wall -Wextra -Werror -Isrc/core \
			-c -o $(BUILD)/lint.o $$f || exit 1; \
	done


## make clean      remove build/
clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)
