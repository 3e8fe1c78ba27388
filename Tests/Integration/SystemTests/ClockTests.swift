import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// Executables whose wall clock is set while they run: a library puts it forward or back by what a file says.
@Suite struct ClockTests {
    private static let library = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static const volatile long *offset;

        __attribute__((constructor)) static void open_offset(void) {
            offset = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, open(getenv("CLOCK_OFFSET"), O_RDONLY), 0);
        }

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            if ((clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && offset) time->tv_sec += *offset;
            return result;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        """

    let directory: TemporaryDirectory
    private let environment: [String: String]
    private var file: String { "\(directory.path)/offset" }

    init() throws {
        directory = try TemporaryDirectory()
        let library = try PreloadedLibrary(Self.library, in: directory)
        environment = library.environment.merging(["CLOCK_OFFSET": "\(directory.path)/offset"]) { $1 }
    }

    /// Sets the clock so many seconds ahead.
    private func set(_ offset: Int) throws {
        let bytes = withUnsafeBytes(of: offset) { Data($0) }
        // In place, as the program has the file mapped.
        if let handle = FileHandle(forUpdatingAtPath: file) {
            try handle.write(contentsOf: bytes)
            try handle.close()
        } else {
            try bytes.write(to: URL(filePath: file))
        }
    }

    private func start(_ flags: [String]? = nil) throws -> Service {
        try Service("myosin-exporter", flags ?? ["--state.path", "\(directory.path)/state"], environment: environment)
    }

    /// The dates of an answer, in seconds since 1970.
    private struct Answer {
        let status: Int
        let date: Date
        let lastModified: Date?
        /// As it was sent.
        let lastModifiedText: String

        init(_ reply: (status: Int, body: String)) throws {
            let format = DateFormatter()
            (format.locale, format.timeZone) = (Locale(identifier: "en_US_POSIX"), .gmt)
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            func field(_ name: String) -> String? {
                reply.body.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name): ") }
                    .map { String($0.dropFirst(name.count + 2)) }
            }
            func date(_ text: String) throws -> Date { try #require(format.date(from: text)) }
            status = reply.status
            self.date = try date(try #require(field("Date")))
            lastModifiedText = field("Last-Modified") ?? ""
            lastModified = lastModifiedText.isEmpty ? nil : try date(lastModifiedText)
        }
    }

    private func get(_ service: Service, _ header: String = "A: b") throws -> Answer {
        let answer = try Answer(try service.curl("/state/Telemetry", "-D", "-", "-H", header))
        if let lastModified = answer.lastModified { #expect(lastModified <= answer.date) }
        return answer
    }

    private func put(_ service: Service, _ temperature: Int, _ header: String = "A: b") throws -> Answer {
        let answer = try Answer(
            try service.curl(
                "/state/Telemetry/temperature",
                "-X",
                "PUT",
                "-d",
                "\(temperature)",
                "-D",
                "-",
                "-H",
                header
            )
        )
        if let lastModified = answer.lastModified { #expect(lastModified <= answer.date) }
        return answer
    }

    private func gauge(_ name: String, _ service: Service) throws -> Double {
        let page = try service.curl("/metrics").body
        let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
        return try #require(line.split(separator: " ").last.flatMap { Double($0) })
    }

    /// What was noted before the machine has the time is shown with the right time afterwards.
    @Test func momentsOnThePageFollowTheClock() throws {
        try set(-Self.fiftyYears)
        let service = try start([])
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(try service.curl("/state", "-H", "traceparent: \(trace)").status == 200)
        let reload = "myosin_config_last_reload_success_timestamp_seconds"
        func times() throws -> [Double] {
            [
                try gauge(reload, service), try exemplarTime(service), try gauge("process_start_time_seconds", service),
            ]
        }
        let now = Date().timeIntervalSince1970
        for time in try times() { #expect(abs(time + Double(Self.fiftyYears) - now) < 600, "\(time)") }
        try set(0)
        for time in try times() { #expect(abs(time - now) < 600, "\(time)") }
        #expect(try gauge(reload, service) == gauge(reload, service))
    }

    private func exemplarTime(_ service: Service) throws -> Double {
        let page = try service.curl("/metrics", "-D", "-", "-H", "Accept: application/openmetrics-text;version=1.0.0")
        let line = try #require(page.body.split(separator: "\n").first { $0.contains(" # {trace_id=") })
        return try #require(line.split(separator: " ").last.flatMap { Double($0) })
    }

    /// Changes the model in a process that ends then, and returns what a client has of it.
    private func formerAnswer() throws -> Answer {
        let service = try start()
        #expect(try put(service, 20).status == 200)
        let answer = try get(service)
        #expect(service.program.end(with: SIGTERM).status == 0)
        return answer
    }

    private static let fiftyYears = 50 * 365 * 86_400

    /// A machine without a battery: it has the time some seconds after it has begun.
    @Test(arguments: [true, false]) func whatWasChangedBeforeTheClockIsSetIsNew(hasStore: Bool) throws {
        let flags = hasStore ? nil : [String]()
        try set(0)
        let former = try start(flags)
        let known = try get(former)
        #expect(former.program.end(with: SIGTERM).status == 0)
        // In whole seconds.
        Thread.sleep(forTimeInterval: 1.1)
        try set(-Self.fiftyYears)
        let service = try start(flags)
        #expect(try get(service, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try put(service, 20, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
        #expect(try put(service, 21).status == 200)
        #expect(try get(service).date < known.date)
        try set(0)
        let new = try get(service, "If-Modified-Since: \(known.lastModifiedText)")
        #expect(new.status == 200 && (new.lastModified ?? .distantPast) > known.date)
        #expect(try get(service, "If-Modified-Since: \(new.lastModifiedText)").status == 304)
        #expect(try put(service, 22, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
        #expect(try put(service, 22, "If-Unmodified-Since: \(new.lastModifiedText)").status == 200)
        // The next process knows only what is kept.
        #expect(service.program.end(with: SIGTERM).status == 0)
        #expect(try get(try start(flags), "If-Modified-Since: \(known.lastModifiedText)").status == 200)
    }

    /// A clock that has kept local time is put right.
    @Test func whatIsChangedAfterTheClockHasGoneBackIsNew() throws {
        try set(7_200)
        let service = try start()
        #expect(try put(service, 20).status == 200)
        let known = try get(service)
        try set(0)
        #expect(try get(service).date < known.date)
        #expect(try put(service, 21).status == 200)
        #expect(try get(service, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try put(service, 22, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
        // Two hours later.
        try set(7_300)
        #expect(try get(service, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try put(service, 22, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
        #expect(try get(service, "If-Modified-Since: \(try get(service).lastModifiedText)").status == 304)
    }

    /// A store that was written while the clock was years ahead is served with dates that are right.
    @Test func aStoreFromTheFutureIsDatedNow() throws {
        try set(Self.fiftyYears)
        let known = try formerAnswer()
        try set(0)
        let service = try start()
        let first = try get(service)
        #expect(try get(service, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try get(service, "If-Modified-Since: \(first.lastModifiedText)").status == 304)
        #expect(try put(service, 21, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
        #expect(try put(service, 21, "If-Unmodified-Since: \(first.lastModifiedText)").status == 200)
    }

    /// A clock that was some seconds ahead until the service was started again, once these have passed.
    @Test func whatIsChangedBeforeATimeThatWasToldIsNew() throws {
        try set(4)
        let known = try formerAnswer()
        try set(0)
        let service = try start()
        #expect(try put(service, 21).status == 200)
        try set(10)
        #expect(try get(service, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try put(service, 22, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
    }

    /// A machine without a battery that is started twice, and learns the time after its first start only.
    @Test func whatWasToldAfterTheClockWasSetIsRemembered() throws {
        try set(-Self.fiftyYears)
        let former = try start()
        #expect(try put(former, 20).status == 200)
        try set(0)
        let known = try get(former)
        #expect(former.program.end(with: SIGTERM).status == 0)
        try set(1_000 - Self.fiftyYears)
        let service = try start()
        #expect(try put(service, 21).status == 200)
        #expect(service.program.end(with: SIGTERM).status == 0)
        try set(5)
        let next = try start()
        #expect(try get(next, "If-Modified-Since: \(known.lastModifiedText)").status == 200)
        #expect(try put(next, 22, "If-Unmodified-Since: \(known.lastModifiedText)").status == 412)
    }

    /// The field `Date` is read from a clock that is some milliseconds behind the one of the changes.
    @Test func noAnswerIsOlderThanItsDocument() throws {
        let service = try Service("myosin-exporter", [])
        let connection = try RawConnection(service.address)
        let format = DateFormatter()
        (format.locale, format.timeZone) = (Locale(identifier: "en_US_POSIX"), .gmt)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        func ask(_ request: String) throws {
            try connection.send(Array("\(request)".utf8))
            let head = try connection.readHead()
            func field(_ name: String) -> Substring? {
                head.first { $0.hasPrefix("\(name): ") }?.dropFirst(name.count + 2)
            }
            _ = try connection.read(try #require(field("Content-Length").flatMap { Int($0) }))
            let (date, modified) = (try #require(field("Date")), try #require(field("Last-Modified")))
            guard date != modified else { return }
            #expect(try #require(format.date(from: String(modified))) < #require(format.date(from: String(date))))
        }
        for _ in 0..<12 {
            let next = (Date().timeIntervalSince1970 + 0.05).rounded(.up)
            Thread.sleep(forTimeInterval: next - Date().timeIntervalSince1970 - 0.002)
            var number = 0
            while Date().timeIntervalSince1970 < next + 0.012 {
                number += 1
                let body = "\(number)"
                try ask(
                    "PUT /state/Telemetry/temperature HTTP/1.1\r\nHost: localhost\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                try ask("GET /state/Telemetry HTTP/1.1\r\nHost: localhost\r\n\r\n")
            }
        }
    }
}
