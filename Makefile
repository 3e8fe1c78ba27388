# make run        builds and starts the example device with its service on 127.0.0.1:8000
# make build      builds executables that run on a Debian without Swift, in .build/device
# make package    builds a Debian package of the service, for systemd; make install is for other systems
# make test       runs most of the checks, in about eight minutes; one suite alone: make test TEST='MyosinTests.ContextTests'
# make check-all  runs all of them, in about 35 minutes
# make bench      compares the speed with that of other programs
# Each installs the Debian packages that are missing. ARGS are passed on: make run ARGS='--web.listen-address :9000'

SHELL = /bin/sh
RUN_PACKAGES = libmicrohttpd-dev libsqlite3-dev pkg-config zlib1g-dev
TEST_PACKAGES = $(RUN_PACKAGES) binutils caddy chromium chromium-driver curl docker-compose haproxy iproute2 json-schema-test-suite nginx-light openssl prometheus python3 python3-pip sqlite3 strace
POWER_PACKAGES = e2fsprogs mount python3 python3-pyfuse3 util-linux
PACKAGE_PACKAGES = $(RUN_PACKAGES) binutils dpkg-dev
PACKAGE_TEST_PACKAGES = e2fsprogs lintian man-db mount prometheus python3 systemd-container util-linux
BENCH_PACKAGES = $(RUN_PACKAGES) cargo etcd-server g++ golang-github-prometheus-client-golang-dev golang-go librust-prometheus-dev \
	nginx-light prometheus-cpp-dev prometheus-node-exporter python3 python3-pip redis-server redis-tools rustc valgrind wrk
SOURCES = Package.swift Sources Tests
ARGS =
# Where `make install` puts everything.
DESTDIR =
PREFIX = /usr/local
# The pattern of the tests that `test`, `race-test` and `release-test` run, in the form of `swift test --filter`; empty for all.
TEST =
ONLY = $(if $(TEST),--only '$(TEST)')
# The flags of the release build for devices and the container image, which puts Swift's libraries into the executables.
STATIC = $(shell docker/make-image-root --flags)

# The requests per operation and the seeds of `api-test`.
MYOSIN_API_EXAMPLES ?= 1000
MYOSIN_API_SEEDS ?= 1 2 3
# The processes that `crash-test` kills.
MYOSIN_CRASHES ?= 2000
# The seconds that `fuzz` takes for each target.
FUZZ_SECONDS ?= 600

# Tests see a crash by its exit status; the backtracer of the Swift runtime can take minutes.
export SWIFT_BACKTRACE = enable=no

.PHONY: run test check-all build package install package-test debug-build lint docs library-test hummingbird-test greenhouse-test image release-test stress-test power-test race-test coverage pictures format api-test \
	crash-test fault-test load-test leak-test fuzz bench growth instruction-test storage-cost clean

run:
	@.ci/install-packages $(RUN_PACKAGES)
	@echo "Building in release mode; the first time takes about two minutes."
	@swift build $(STATIC) --product device-example --quiet
	@exec "$$(swift build $(STATIC) --show-bin-path)/device-example" $(ARGS)

test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check test $(ONLY)

check-all:
	@.ci/install-packages $(TEST_PACKAGES) $(POWER_PACKAGES) $(PACKAGE_PACKAGES) $(PACKAGE_TEST_PACKAGES)
	@.ci/check all

# Builds executables in release mode that run without a Swift toolchain, on this release of Debian or a later one, and prints the
# Debian packages that they need there.
build:
	@.ci/install-packages $(RUN_PACKAGES) binutils
	@echo "Building in release mode; the first time takes some minutes."
	@for product in myosin-exporter device-example; do swift build $(STATIC) --product $$product --quiet || exit; done
	@.ci/lay-out-executables "$$(swift build $(STATIC) --show-bin-path)" .build/device
	@debian/make-manual .build/device

# Builds the Debian package of the service: an executable, units, settings, a manual page.
package: build
	@.ci/install-packages $(PACKAGE_PACKAGES)
	@rm -f .build/package/*.deb
	@debian/build-package

# Installs what `make build` has made on a system that is not Debian: make install PREFIX=/usr DESTDIR=/tmp/root
install:
	@debian/lay-out-files "$(DESTDIR)" "$(PREFIX)"

# Installs the package in a systemd that a container boots, uses it, upgrades it under load, lets it hang, and removes it. Needs root.
package-test:
	@.ci/install-packages $(PACKAGE_PACKAGES) $(PACKAGE_TEST_PACKAGES)
	@.ci/check package && cat .build/check/package.log

# Builds everything, with the tests, in debug mode; a warning is an error.
debug-build:
	@.ci/install-packages $(RUN_PACKAGES)
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet

# Runs the tests of whole programs with the release build of the container image, and tests the files of that image.
release-test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check release $(ONLY)

# Moves money between ten models, a million times from eight threads, in release mode.
stress-test:
	@.ci/install-packages $(RUN_PACKAGES)
	@.ci/check stress

# Cuts the power of a recorded disk at 300 places, in release mode, and looks for each acknowledged commit. Needs root, /dev/fuse and
# loop devices. For another number: MYOSIN_POWER_CUTS=3000 make power-test
power-test:
	@.ci/install-packages $(RUN_PACKAGES) $(POWER_PACKAGES)
	@.ci/check power-loss && tail -n 1 .build/check/power-loss.log

# Runs the tests of concurrent code under the thread sanitizer, with a fifth of the rounds because everything is slower there. One
# test runs at a time because each has threads of its own.
race-test:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check race $(ONLY)

# Prints the share of lines that tests cover, by target and file; fails where a shipped target has less than 95 in 100.
coverage:
	@.ci/install-packages $(TEST_PACKAGES)
	@.ci/check coverage; status=$$?; cat .build/check/coverage.log; exit $$status

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

format:
	swift format --in-place --parallel --recursive $(SOURCES)

# Makes the manuals of the libraries, as pages for a web server, in .build/documentation and beside it. A link to a missing symbol
# is an error.
docs:
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --target MyosinCommand --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --target MyosinFoundation --quiet
	@.ci/build-documentation Myosin .build/documentation
	@.ci/build-documentation Exposition .build/documentation-exposition
	@.ci/build-documentation SwiftMetricsBackend .build/documentation-swift-metrics
	@.ci/build-documentation MicroHTTP .build/documentation-microhttp
	@.ci/build-documentation MyosinFoundation .build/documentation-foundation
	@.ci/build-documentation StateSchema .build/documentation-schema
	@.ci/build-documentation MyosinService .build/documentation-service
	@.ci/build-documentation MyosinCommand .build/documentation-command

# Builds and tests a package that uses the library Myosin alone, Tests/Integration/LibraryOnly, without libmicrohttpd, and resolves
# the packages that each trait needs.
library-test:
	@.ci/install-packages libsqlite3-dev pkg-config
	@.ci/test-library-alone

# Builds a Hummingbird server with the route of the article "Serving metrics with Hummingbird", and scrapes it.
hummingbird-test:
	swift test --quiet --disable-xctest --package-path Tests/Integration/HummingbirdMetrics --scratch-path .build-hummingbird

# Builds and tests the program of a user, Tests/Integration/Greenhouse, with both default isolations, under the thread sanitizer.
greenhouse-test:
	@.ci/install-packages $(RUN_PACKAGES)
	@.ci/test-greenhouse

# Lays out the files of the container image in .build/image/root, as its Dockerfile does; ImageTests start them.
image:
	@.ci/install-packages $(RUN_PACKAGES) binutils
	@rm -rf .build/image
	@docker/make-image-root .build/image/root

# Draws the pictures of the README from a run of three minutes.
pictures:
	@.ci/install-packages $(RUN_PACKAGES) chromium chromium-driver prometheus python3 python3-matplotlib
	swift build -c release --product device-example --quiet
	.ci/draw-pictures "$$(swift build -c release --show-bin-path)/device-example"

# Has schemathesis, from PyPI, make 1,000 requests per operation of /openapi.json and seed, and compare the answers with the
# document; `make test` makes 50 with one seed. Takes more than an hour.
# For other numbers: MYOSIN_API_EXAMPLES=200 MYOSIN_API_SEEDS='4 5 6' make api-test
api-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product myosin-exporter --quiet
	swift build -c release --product service-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_API_EXAMPLES=$(MYOSIN_API_EXAMPLES) MYOSIN_API_SEEDS='$(MYOSIN_API_SEEDS)' \
		MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter '^APITests\.'

# Kills 2,000 processes during their commits and looks for each acknowledged commit; `make test` kills 200.
# For another number: MYOSIN_CRASHES=10000 make crash-test
crash-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product storage-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_CRASHES=$(MYOSIN_CRASHES) MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter CrashTests

# Lets every system call on the store fail in every way, each time that it is made, flips a bit in every byte of a database, and
# removes, replaces, cuts off and locks the files of 2,400 processes; `make test` tries some of each.
fault-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product storage-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_FAULTS=all MYOSIN_DAMAGES=all MYOSIN_OUTSIDERS=200 MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter 'FaultTests|DamageTests|OutsiderTests'

# Tests the HTTP server with 10,000 connections, 1,000 slow clients of each kind, 5,000 streams, a million requests and 100 stops
# under load; `make test` has smaller numbers.
load-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build -c release --product http-probe --quiet
	swift build -c release --product service-probe --quiet
	MYOSIN_WARNINGS_AS_ERRORS=1 swift build --build-tests --quiet
	MYOSIN_LOAD=full MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		MYOSIN_WARNINGS_AS_ERRORS=1 swift test --skip-build --filter '^LoadTests\.'

# Tests the HTTP server under the address sanitizer, which also reports memory that is never freed.
leak-test:
	@.ci/install-packages $(TEST_PACKAGES)
	swift build --build-tests --sanitize=address --scratch-path .build-address-sanitizer --quiet
	ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=Tests/leak.suppressions:print_suppressions=0 \
		swift test --skip-build --sanitize=address --scratch-path .build-address-sanitizer \
		--filter '^(PrimitivesTests|MicroHTTPTests|FuzzCorpusTests)\.'

# Fuzzes the code that reads bytes from the network, ten minutes or FUZZ_SECONDS per target; `.ci/fuzz --help` lists the targets.
# Then `.ci/fuzz merge` keeps the new inputs.
fuzz:
	@.ci/install-packages $(RUN_PACKAGES) python3
	@.ci/fuzz $(FUZZ_SECONDS)

# Debian's valgrind does not read the present format of what debuggers need, in which C is compiled by default.
FOR_VALGRIND = -c release -Xcc -gdwarf-4

# Compares the speed with that of other programs, which run in turn with ours, and prints a table of ratios.
# For one scenario, longer: make bench ARGS='--rounds 15 --only PUT'
bench:
	@.ci/install-packages $(BENCH_PACKAGES)
	@swift build $(FOR_VALGRIND) --product benchmarks --quiet
	@swift build $(FOR_VALGRIND) --product reference-server --quiet
	@swift build $(FOR_VALGRIND) --product service-probe --quiet
	@swift build $(FOR_VALGRIND) --product http-probe --quiet
	@swift build $(STATIC) --product myosin-exporter --quiet
	@ulimit -n "$$(ulimit -H -n)"; MYOSIN_EXECUTABLES="$$(swift build $(FOR_VALGRIND) --show-bin-path)" \
		MYOSIN_STATIC_EXECUTABLES="$$(swift build $(STATIC) --show-bin-path)" \
		"$$(swift build $(FOR_VALGRIND) --show-bin-path)/benchmarks" $(ARGS)

# Measures how the cost grows with models, connections and writers; writes a table, .build/growth.csv, and the manual's pictures.
# For a shorter run: make growth ARGS='--rounds 1 --seconds 1'
growth:
	@.ci/install-packages $(RUN_PACKAGES) python3 python3-matplotlib wrk
	@swift build -c release --product benchmarks --quiet
	@swift build -c release --product service-probe --quiet
	@ulimit -n "$$(ulimit -H -n)"; MYOSIN_EXECUTABLES="$$(swift build -c release --show-bin-path)" \
		"$$(swift build -c release --show-bin-path)/benchmarks" growth --output .build/growth.csv $(ARGS)
	@.ci/draw-growth .build/growth.csv

# Counts the instructions of a GET, a PUT, a checkout, a commit and a line of metrics. Fails where they are a tenth more than
# Tests/Benchmarks/instructions.txt records. To record the new figures: make instruction-test ARGS=--accept
instruction-test:
	@.ci/install-packages $(RUN_PACKAGES) valgrind
	@swift build $(FOR_VALGRIND) --product benchmarks --quiet
	@swift build $(FOR_VALGRIND) --product service-probe --quiet
	@MYOSIN_EXECUTABLES="$$(swift build $(FOR_VALGRIND) --show-bin-path)" \
		"$$(swift build $(FOR_VALGRIND) --show-bin-path)/benchmarks" instructions $(ARGS)

# Measures the cost of a durable commit on this disk, alone and in groups: bytes written, bytes on the disk, flushes.
storage-cost:
	@.ci/install-packages $(RUN_PACKAGES) strace
	swift build -c release --product storage-probe --quiet
	@"$$(swift build -c release --show-bin-path)/storage-probe" cost .build/storage-cost

clean:
	rm -rf .build .build-address-sanitizer .build-coverage .build-fuzz .build-greenhouse .build-hummingbird .build-library-alone .build-microhttpd .build-static .build-thread-sanitizer
