# make run        builds and starts the example device with its service on 127.0.0.1:8000
# make test       runs what guards the product, in about eight minutes; one test alone: make test TEST='MyosinTests.ContextTests'
# make check-all  runs that and what takes longer, in about half an hour
# make bench      compares its speed with its peers'
# All install the Debian packages that are missing. ARGS are passed on: make run ARGS='--web.listen-address :9000'

SHELL = /bin/sh
RUN_PACKAGES = libmicrohttpd-dev libsqlite3-dev pkg-config zlib1g-dev
TEST_PACKAGES = $(RUN_PACKAGES) busybox-static chromium chromium-driver curl docker-compose haproxy iproute2 json-schema-test-suite nginx-light prometheus python3 python3-pip sqlite3 strace
BENCH_PACKAGES = $(RUN_PACKAGES) cargo etcd-server g++ golang-github-prometheus-client-golang-dev golang-go librust-prometheus-dev \
	nginx-light prometheus-cpp-dev prometheus-node-exporter python3 python3-pip redis-server redis-tools rustc valgrind wrk
SOURCES = Package.swift Sources Tests
ARGS =
# Which tests `make test`, `race-test` and `release-test` run, where not all: a pattern as `swift test --filter` takes it.
TEST =
ONLY = $(if $(TEST),--only '$(TEST)')
# How the container image is built, and so what is tested: with Swift's libraries in the executables.
STATIC = $(shell docker/make-image-root --flags)

# Crashes are told by their exit status; the backtracer of the Swift runtime can take minutes.
export SWIFT_BACKTRACE = enable=no

.PHONY: run test check-all build lint docs library-test image release-test stress-test race-test coverage pictures format api-test crash-test \
	fault-test load-test leak-test fuzz bench growth instruction-test storage-cost clean

run:
	@.ci/install-packages $(RUN_PACKAGES)
	@echo "Building in release mode; the first time takes about two minutes."
	@swift build -c release --product device-example --quiet
	@exec "$$(swift build -c release --show-bin-path)/device-example" $(ARGS)

test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check test $(ONLY)

check-all:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check all

# Everything, tests too, in debug mode; a warning is an error.
build:
	@.ci/install-packages $(RUN_PACKAGES)
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet

# The tests of whole programs, with the release build that the container image has, and the image's files.
release-test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check release $(ONLY)

# Moves money between ten models, a million times from eight threads, in release mode.
stress-test:
	@.ci/install-packages $(RUN_PACKAGES) busybox-static
	@.ci/check stress

# The concurrent parts under the thread sanitizer, with a fifth of the rounds because everything is slower there, one test after
# the other because each has threads of its own.
race-test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check race $(ONLY)

# The lines that tests cover, by target and file; fails where a target that is shipped has less than 95 in 100.
coverage:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check coverage; status=$$?; cat .build/check/coverage.log; exit $$status

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

format:
	swift format --in-place --parallel --recursive $(SOURCES)

# The manuals of the libraries, as pages for a web server, in .build/documentation. A link to a symbol that is not there fails.
docs:
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --target Myosin --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --target MicroHTTP --quiet
	@.ci/build-documentation Myosin .build/documentation
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --target MyosinService --quiet
	@.ci/build-documentation MicroHTTP .build/documentation-microhttp
	@.ci/build-documentation MyosinService .build/documentation-service

# The library as its users build it: a package of its own, in Tests/LibraryOnly, with libmicrohttpd out of reach.
library-test:
	@.ci/install-packages libsqlite3-dev pkg-config
	@.ci/test-library-alone

# The files of the container image, in .build/image/root, made by what its Dockerfile runs; the tests start what is there.
image:
	@.ci/install-packages $(RUN_PACKAGES) busybox-static
	@rm -rf .build/image
	@docker/make-image-root .build/image/root

# The pictures of the README, from a run of three minutes.
pictures:
	@.ci/install-packages $(RUN_PACKAGES) chromium chromium-driver prometheus python3 python3-matplotlib
	swift build -c release --product device-example --quiet
	.ci/draw-pictures "$$(swift build -c release --show-bin-path)/device-example"

# Has schemathesis, from PyPI, make 1,000 requests of its own for each operation of /openapi.json, with each of some seeds, and
# look whether the answers are what the document says; `make test` has 50 and one seed. Takes more than an hour.
# Others: MYOSIN_API_EXAMPLES=200 MYOSIN_API_SEEDS='4 5 6' make api-test
MYOSIN_API_EXAMPLES ?= 1000
MYOSIN_API_SEEDS ?= 1 2 3
api-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product myosin-exporter --quiet
	swift build -c release --product service-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_API_EXAMPLES=$(MYOSIN_API_EXAMPLES) MYOSIN_API_SEEDS='$(MYOSIN_API_SEEDS)' \
		MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter SystemTests.OpenAPITests

# Kills 2,000 processes in the midst of their commits and looks for what they had acknowledged; `make test` kills 200.
# Another number: MYOSIN_CRASHES=10000 make crash-test
MYOSIN_CRASHES ?= 2000
crash-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product storage-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_CRASHES=$(MYOSIN_CRASHES) MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter CrashTests

# Lets every system call on the store fail in every way, each time that it is made, and flips a bit in every byte of a
# database; `make test` does some of it.
fault-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product storage-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_FAULTS=all MYOSIN_DAMAGES=all MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter 'FaultTests|DamageTests'

# The HTTP server under its real crowds: 10,000 connections, 1,000 slow clients of each kind, 5,000 streams, a million
# requests, 100 stops under load; `make test` has smaller ones.
load-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product http-probe --quiet
	swift build -c release --product service-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_LOAD=full MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter LoadTests

# The HTTP server under the address sanitizer, which also tells what was not given back.
leak-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build --build-tests --sanitize=address --scratch-path .build-address-sanitizer --quiet
	ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=Tests/leak.suppressions:print_suppressions=0 \
		swift test --skip-build --sanitize=address --scratch-path .build-address-sanitizer \
		--filter 'LockingTests|MicroHTTPTests'

# Fuzzes what reads bytes from the network, each for ten minutes or FUZZ_SECONDS: the server's own functions, a whole server,
# JSON, schemas, lists of entity tags, and what is asked for of pages of metrics. Then `.ci/fuzz merge` keeps what is new.
FUZZ_SECONDS ?= 600
fuzz:
	@.ci/install-packages $(RUN_PACKAGES)
	@.ci/fuzz $(FUZZ_SECONDS)

# Speed, against peers that run beside us, as a table of ratios. For more: make bench ARGS='--rounds 15 --only PUT'
bench:
	@.ci/install-packages $(BENCH_PACKAGES)
	@swift build -c release --product benchmarks --quiet
	@swift build -c release --product reference-server --quiet
	@swift build -c release --product service-probe --quiet
	@swift build -c release --product http-probe --quiet
	@swift build $(STATIC) --product myosin-exporter --quiet
	@ulimit -n "$$(ulimit -H -n)"; MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_STATIC_EXECUTABLES="$$(swift build $(STATIC) --show-bin-path)" \
		"$$(swift build -c release --show-bin-path)/benchmarks" $(ARGS)

# How the cost grows with models, connections and writers: a table in .build/growth.csv and the pictures of the manual.
# Shorter: make growth ARGS='--rounds 1 --seconds 1'
growth:
	@.ci/install-packages $(RUN_PACKAGES) python3 python3-matplotlib wrk
	@swift build -c release --product benchmarks --quiet
	@swift build -c release --product service-probe --quiet
	@ulimit -n "$$(ulimit -H -n)"; MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		"$$(swift build -c release --show-bin-path)/benchmarks" growth --output .build/growth.csv $(ARGS)
	@.ci/draw-growth .build/growth.csv

# Counts the instructions that a GET, a PUT, a checkout, a commit and a line of metrics take, and fails where it is a tenth more than
# what Sources/Benchmarks/instructions.txt keeps. To keep new figures: make instruction-test ARGS=--accept
instruction-test:
	@.ci/install-packages $(RUN_PACKAGES) valgrind
	@swift build -c release --product benchmarks --quiet
	@swift build -c release --product service-probe --quiet
	@MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		"$$(swift build -c release --show-bin-path)/benchmarks" instructions $(ARGS)

# What a durable commit costs here, alone and in groups: bytes given to the system, bytes to the disk, flushes.
storage-cost:
	@.ci/install-packages $(RUN_PACKAGES) strace
	swift build -c release --product storage-probe --quiet
	@"$$(swift build -c release --show-bin-path)/storage-probe" cost .build/storage-cost

clean:
	rm -rf .build .build-address-sanitizer .build-coverage .build-fuzz .build-library-alone .build-microhttpd .build-static .build-thread-sanitizer
