internal import Primitives

/// Renders families in a format.
///
/// The lines of samples are the same in all formats but for what OpenMetrics adds to them; what precedes a family's lines is not.
struct PageRenderer {
    let version: ExpositionFormat.Version
    /// Whether OpenMetrics tells when counters, summaries and histograms were made.
    let showsCreated: Bool
    /// The boot, by the wall clock as it is set now; read once per page.
    private let boot: Double

    init(version: ExpositionFormat.Version, showsCreated: Bool) {
        (self.version, self.showsCreated) = (version, showsCreated)
        boot = version == .openMetrics1_0_0 ? BootTime.system.secondsSince1970 : 0
    }

    /// What is rendered of a family, read before there is room for it.
    private struct Content {
        let family: FamilyDescriptor
        let series: [Series]
        /// How many bytes their lines may take at most.
        let maxLinesBytes: Int
        /// The exemplars of each series; empty where they are not shown.
        let exemplars: [[ExemplarStore.Entry?]]
    }

    private static let end = Array("# EOF\n".utf8)
    private static let created = Array("_created".utf8)

    private var isOpenMetrics: Bool { version == .openMetrics1_0_0 }

    /// A page of the families in the order given, each child's values read once.
    func page(of families: [any RenderableFamily]) -> [UInt8] {
        let contents = families.map(content)
        let maxBytes = contents.reduce(isOpenMetrics ? Self.end.count : 0) { $0 + self.maxBytes(of: $1) }
        // Without room the standard library would write its count, 0, to the one array that all empty ones share, which the
        // thread sanitizer takes for a race.
        if maxBytes == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: maxBytes) { memory, count in
            var page = Page(memory: memory)
            for content in contents { write(content, to: &page) }
            if isOpenMetrics { page.write(Self.end, Self.end.indices) }
            count = page.count
        }
    }

    private func content(_ family: any RenderableFamily) -> Content {
        let (series, maxBytes) = family.lines
        let descriptor = family.descriptor
        let exemplars = isOpenMetrics && descriptor.exemplarUse.isInUse ? series.map(\.exemplars) : []
        return Content(family: descriptor, series: series, maxLinesBytes: maxBytes, exemplars: exemplars)
    }

    private func metadata(of family: FamilyDescriptor) -> [UInt8] {
        isOpenMetrics ? family.openMetricsMetadata : family.textMetadata
    }

    private func hasCreated(_ family: FamilyDescriptor) -> Bool {
        isOpenMetrics && showsCreated && family.kind.hasCreationTime
    }

    private func maxBytes(of content: Content) -> Int {
        var bytes = metadata(of: content.family).count + content.maxLinesBytes
        if hasCreated(content.family) {
            let created = content.family.name.utf8.count + Self.created.count + Page.maxNumberBytes + 2
            bytes += content.series.reduce(0) { $0 + created + $1.lines.labels.count }
        }
        for case let entry? in content.exemplars.joined() {
            bytes += entry.exemplar.text.count + 2 * Page.maxNumberBytes + 5
        }
        return bytes
    }

    // MARK: Lines

    private func write(_ content: Content, to page: inout Page) {
        let metadata = metadata(of: content.family)
        page.write(metadata, metadata.indices)
        let hasCreated = hasCreated(content.family)
        // Lent, as counting the references to each, and to what each has, would take half of the time. `content` holds them all
        // until the loop has ended.
        let all = content.series.span
        for index in all.indices {
            let exemplars = content.exemplars.isEmpty ? [] : content.exemplars[index]
            Unmanaged.passUnretained(all[index])
                ._withUnsafeGuaranteedRef {
                    write($0, exemplars, to: &page)
                    if hasCreated { writeCreated($0, content.family, to: &page) }
                }
        }
    }

    private func write(_ series: Series, _ exemplars: [ExemplarStore.Entry?], to page: inout Page) {
        switch series.metric {
        case .counter(let counter):
            write(series, 0, counter.value, exemplars.first ?? nil, to: &page)
        case .gauge(let gauge):
            write(series, 0, gauge.value, to: &page)
        case .summary(let summary):
            write(series, 0, summary.count, to: &page)
            write(series, 1, summary.sum, to: &page)
        case .histogram(let histogram):
            write(histogram, series, exemplars, to: &page)
        case .stateSet(let set):
            guard let values = set.values else { return }
            for (line, value) in values.enumerated() { write(series, line, value, to: &page) }
        case .info:
            write(series, 0, 1 as UInt64, to: &page)
        }
    }

    /// Writes cumulative buckets, and as the count what the last of them came to.
    private func write(
        _ histogram: Registry.Histogram,
        _ series: Series,
        _ exemplars: [ExemplarStore.Entry?],
        to page: inout Page
    ) {
        var cumulative: UInt64 = 0
        var line = 0
        for count in histogram.bucketCounts {
            cumulative &+= count
            write(series, line, cumulative, exemplars.isEmpty ? nil : exemplars[line], to: &page)
            line += 1
        }
        write(series, line, cumulative, to: &page)
        write(series, line + 1, histogram.sum, to: &page)
    }

    private func writeCreated(_ series: Series, _ family: FamilyDescriptor, to page: inout Page) {
        page.write(family.name)
        page.write(Self.created, Self.created.indices)
        page.write(series.lines.bytes, series.lines.labels)
        page.write(UInt8(ascii: " "))
        writeTime(series.created, to: &page)
        page.write(UInt8(ascii: "\n"))
    }

    private func write(
        _ series: Series,
        _ line: Int,
        _ value: UInt64,
        _ exemplar: ExemplarStore.Entry? = nil,
        to page: inout Page
    ) {
        series.lines.write(line, to: &page)
        page.write(value)
        end(exemplar, &page)
    }

    private func write(
        _ series: Series,
        _ line: Int,
        _ value: Double,
        _ exemplar: ExemplarStore.Entry? = nil,
        to page: inout Page
    ) {
        series.lines.write(line, to: &page)
        page.write(value)
        end(exemplar, &page)
    }

    /// Writes a moment of this boot as milliseconds of seconds since 1970.
    private func writeTime(_ secondsSinceBoot: Double, to page: inout Page) {
        page.write(((boot + secondsSinceBoot) * 1_000).rounded() / 1_000)
    }

    /// Ends a line, with an exemplar if there is one.
    private func end(_ entry: ExemplarStore.Entry?, _ page: inout Page) {
        if let entry {
            page.write(" # ")
            page.write(entry.exemplar.text, entry.exemplar.text.indices)
            page.write(UInt8(ascii: " "))
            page.write(entry.value)
            page.write(UInt8(ascii: " "))
            writeTime(entry.time, to: &page)
        }
        page.write(UInt8(ascii: "\n"))
    }
}

/// A page being written into memory of a size fixed beforehand.
///
/// Writing past the end is a renderer's mistake and stops the process rather than corrupt memory.
struct Page {
    /// How many bytes a number may take at most: those of -2.2250738585072014e-308.
    static let maxNumberBytes = 24

    private let memory: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(memory: UnsafeMutableBufferPointer<UInt8>) {
        self.memory = memory
    }

    /// Writes one byte.
    mutating func write(_ byte: UInt8) {
        reserve(1)
        memory.initializeElement(at: count, to: byte)
        count += 1
    }

    /// Writes bytes, or a part of them.
    mutating func write(_ bytes: [UInt8], _ range: Range<Int>) {
        bytes.withUnsafeBufferPointer { write(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// Writes a whole number in decimal.
    mutating func write(_ number: UInt64) {
        var length = 1
        var power = number / 10
        while power > 0 {
            length += 1
            power /= 10
        }
        reserve(length)
        var rest = number
        for index in stride(from: count + length - 1, through: count, by: -1) {
            memory.initializeElement(at: index, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        count += length
    }

    /// Writes a sample's value: the shortest text that reads back as the same number, whole numbers without `.0`.
    mutating func write(_ number: Double) {
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53, whole != 0 || number.sign == .plus {
            if whole < 0 { write(UInt8(ascii: "-")) }
            write(whole.magnitude)
        } else if !number.isFinite {
            write(number.isNaN ? "NaN" : number > 0 ? "+Inf" : "-Inf")
        } else if !writeDecimal(number) {
            writeDescription(of: number)
        }
    }

    /// Writes a number that has up to three digits behind the point, as most have.
    ///
    /// Up to 15 digits stand for one number only (IEEE 754: a double has 15.95 decimal digits), so the first that reads back as the
    /// number is the shortest.
    ///
    /// - Returns: false if it is no such number; nothing is written then.
    private mutating func writeDecimal(_ number: Double) -> Bool {
        let magnitude = number.magnitude
        guard magnitude < 1e11, magnitude >= 1e-3 else { return false }
        var scale = 1.0
        for digits in 1...3 {
            scale *= 10
            let scaled = (magnitude * scale).rounded()
            guard scaled / scale == magnitude else { continue }
            if number < 0 { write(UInt8(ascii: "-")) }
            let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: UInt64(scale))
            write(whole)
            write(UInt8(ascii: "."))
            var power = UInt64(scale) / 10
            for _ in 0..<digits {
                write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / power % 10))
                power = max(1, power / 10)
            }
            return true
        }
        return false
    }

    /// Writes a number as Swift describes it, `0.1`, `1e+16` or `5e-324`, without a final `.0`.
    private mutating func writeDescription(of number: Double) {
        write(number.description)
        if count >= 2, memory[count - 1] == UInt8(ascii: "0"), memory[count - 2] == UInt8(ascii: ".") { count -= 2 }
    }

    /// Writes text.
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write($0) }
    }

    private mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        _ = UnsafeMutableBufferPointer(rebasing: memory[count...]).initialize(fromContentsOf: bytes)
        count += bytes.count
    }

    private func reserve(_ bytes: Int) {
        precondition(bytes <= memory.count - count, "a page outgrew the \(memory.count) bytes reserved for it")
    }
}
