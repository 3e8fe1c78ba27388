internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension Registry {
    /// Adds the metrics of this process: `process_cpu_seconds_total`, `process_resident_memory_bytes`,
    /// `process_virtual_memory_bytes`, `process_open_fds`, `process_max_fds`, `process_threads` and `process_start_time_seconds`.
    ///
    /// Each rendering reads them again. A second call does nothing.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>
    ///
    /// - Throws: ``MetricError`` with the code `duplicateName` or `nameCollision` where the program has metrics of these names.
    public func addProcessMetrics() throws(MetricError) {
        guard beginOnce("process") else { return }
        let metrics = try ProcessMetrics(self)
        addQuickCollector { metrics.refresh() }
    }
}

/// When this process began, by a clock that nobody sets.
struct ProcessStart: Sendable {
    private let secondsSinceBoot: Double
    private let time: BootTime

    /// Notes the start.
    ///
    /// - Parameters:
    ///   - startTicks: when the process began, in the ticks since boot of proc(5); without a number it is now.
    ///   - ticksPerSecond: how many there are in a second.
    ///   - time: tells moments since boot by the wall clock.
    init(startTicks: Double, ticksPerSecond: Double, _ time: BootTime) {
        secondsSinceBoot = startTicks.isFinite ? startTicks / ticksPerSecond : time.now
        self.time = time
    }

    /// The start by the wall clock as it is set now, as exactly as ticks are.
    var secondsSince1970: Double { ((time.secondsSince1970 + secondsSinceBoot) * 100).rounded() / 100 }
}

/// The metrics of this process, as Linux tells them.
private final class ProcessMetrics: Sendable {
    private let cpu: Registry.Counter
    private let resident: Registry.Gauge
    private let virtual: Registry.Gauge
    private let openFiles: Registry.Gauge
    private let maxFiles: Registry.Gauge
    private let threads: Registry.Gauge
    private let startTime: Registry.Gauge
    private let start = ProcessStart(
        startTicks: ProcessMetrics.status().startTicks,
        ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
        .system
    )
    /// The processor time that the counter has, in seconds.
    private let counted = Lock(0.0)

    init(_ registry: Registry) throws(MetricError) {
        cpu = try registry.counter(
            named: "process_cpu_seconds_total",
            help: "Processor time of the process, its own and the system's for it.",
            unit: "seconds"
        )
        resident = try registry.gauge(named: "process_resident_memory_bytes", help: "Resident memory.", unit: "bytes")
        virtual = try registry.gauge(named: "process_virtual_memory_bytes", help: "Virtual memory.", unit: "bytes")
        openFiles = try registry.gauge(named: "process_open_fds", help: "Open file descriptors.")
        maxFiles = try registry.gauge(named: "process_max_fds", help: "How many file descriptors may be open.")
        threads = try registry.gauge(named: "process_threads", help: "Threads.")
        startTime = try registry.gauge(
            named: "process_start_time_seconds",
            help: "When the process began, in seconds since 1970.",
            unit: "seconds"
        )
    }

    func refresh() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        let seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
        // Two pages at once would both add what it has grown by.
        counted.withLock { counted in
            cpu.increment(by: max(0, seconds - counted))
            counted = max(counted, seconds)
        }
        let status = Self.status()
        threads.set(status.threads)
        startTime.set(start.secondsSince1970)
        virtual.set(status.virtualBytes)
        resident.set(status.residentPages * Double(getpagesize()))
        openFiles.set(Self.openFileCount)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        maxFiles.set(limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur))
    }

    private static var openFileCount: Double {
        // Since Linux 6.2 the size of the directory is the number of its entries.
        var status = stat()
        if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Double(status.st_size) }
        guard let directory = opendir("/proc/self/fd") else { return .nan }
        defer { closedir(directory) }
        // Without `.`, `..` and the descriptor of the listing itself.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return Double(count)
    }

    private struct Status {
        var (threads, startTicks, virtualBytes, residentPages) = (Double.nan, Double.nan, Double.nan, Double.nan)
    }

    /// What `/proc/self/stat` says (proc(5)).
    private static func status() -> Status {
        let line = content(of: "/proc/self/stat", maxBytes: 2_048)
        // The fields come after the process's name, which may have spaces and parentheses; the third is the first of them.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return Status() }
        var status = Status()
        // Each field has a space before it.
        var field = 2
        var number = 0.0
        for byte in line[(end + 1)...] {
            guard byte == UInt8(ascii: " ") else {
                number = number * 10 + Double(byte) - 48
                continue
            }
            switch field {
            case 20: status.threads = number
            case 22: status.startTicks = number
            case 23: status.virtualBytes = number
            case 24:
                status.residentPages = number
                return status
            default: break
            }
            (field, number) = (field + 1, 0)
        }
        return status
    }

    /// The beginning of a file.
    private static func content(of path: String, maxBytes: Int) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return [] }
        defer { close(number) }
        return [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
            // Such files come in pieces of a page.
            while count < maxBytes {
                let piece = read(number, buffer.baseAddress.map { $0 + count }, maxBytes - count)
                if piece <= 0 { return }
                count += piece
            }
        }
    }
}
