internal import Locking

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension Registry {
    /// Puts what the system tells of this process on the page: `process_cpu_seconds_total`, `process_resident_memory_bytes`,
    /// `process_virtual_memory_bytes`, `process_open_fds`, `process_max_fds`, `process_threads` and `process_start_time_seconds`.
    ///
    /// They are read when a page is made. Does nothing where they are there already.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>
    ///
    /// - Throws: ``MetricError`` with the code `duplicateName` or `nameCollision` where the program has metrics of these names.
    public func addProcessMetrics() throws(MetricError) {
        guard beginOnce("process") else { return }
        let metrics = try ProcessMetrics(self)
        addCollector { metrics.refresh() }
    }
}

/// The metrics of this process, as Linux tells them.
private final class ProcessMetrics: Sendable {
    private let cpu: Counter
    private let resident: Gauge
    private let virtual: Gauge
    private let openFiles: Gauge
    private let filesMax: Gauge
    private let threads: Gauge
    private let start: Gauge
    private let growing = Lock(())

    init(_ registry: Registry) throws(MetricError) {
        cpu = try registry.makeCounter(
            "process_cpu_seconds_total",
            help: "Processor time of the process, its own and the system's for it.",
            unit: "seconds"
        )
        resident = try registry.makeGauge("process_resident_memory_bytes", help: "Resident memory.", unit: "bytes")
        virtual = try registry.makeGauge("process_virtual_memory_bytes", help: "Virtual memory.", unit: "bytes")
        openFiles = try registry.makeGauge("process_open_fds", help: "Open file descriptors.")
        filesMax = try registry.makeGauge("process_max_fds", help: "How many file descriptors may be open.")
        threads = try registry.makeGauge("process_threads", help: "Threads.")
        start = try registry.makeGauge(
            "process_start_time_seconds",
            help: "When the process began, in seconds since 1970.",
            unit: "seconds"
        )
        start.set(Self.startTime ?? .nan)
    }

    func refresh() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        let seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
        // Two pages at once would both add what it has grown by.
        growing.withLock { _ in cpu.increment(by: max(0, seconds - cpu.value)) }
        let status = Self.fields(of: "/proc/self/stat")
        threads.set(status.count > 17 ? status[17] : .nan)
        let memory = Self.fields(of: "/proc/self/statm")
        let pageBytes = Double(getpagesize())
        virtual.set(memory.first.map { $0 * pageBytes } ?? .nan)
        resident.set(memory.count > 1 ? memory[1] * pageBytes : .nan)
        openFiles.set(Self.openFileCount)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        filesMax.set(limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur))
    }

    /// The time that the system began to run, and how long after that the process did.
    private static var startTime: Double? {
        let line = text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        let status = fields(of: "/proc/self/stat")
        guard let boot = line.flatMap({ Double($0.dropFirst(6)) }), status.count > 19 else { return nil }
        return boot + status[19] / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static var openFileCount: Double {
        guard let directory = opendir("/proc/self/fd") else { return .nan }
        defer { closedir(directory) }
        // Without `.`, `..` and the descriptor of the listing itself.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return Double(count)
    }

    /// The numbers of a file of one line; those of a process come after its name, which may have spaces and parentheses.
    private static func fields(of path: String) -> [Double] {
        let text = text(of: path)
        let rest = text.lastIndex(of: ")").map { text[text.index(after: $0)...] } ?? text[...]
        // The state of the process is a letter; it keeps its place.
        return rest.split { $0 == " " || $0 == "\n" }.map { Double($0) ?? .nan }
    }

    private static func text(of path: String) -> String {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return "" }
        defer { close(number) }
        var bytes: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
                count = max(0, read(number, buffer.baseAddress, buffer.count))
            }
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
        }
    }
}
