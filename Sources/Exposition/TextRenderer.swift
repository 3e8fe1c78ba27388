/// Renders families in the text format 0.0.4.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
enum TextRenderer {
    /// A page of the families in the order given, each child's values read once.
    static func page(of families: [any RenderableFamily]) -> [UInt8] {
        let contents = families.map { (metadata: $0.descriptor.textMetadata, series: $0.series) }
        let bytesMax = contents.reduce(0) { sum, family in
            family.series.reduce(sum + family.metadata.count) { sum, series in
                sum + series.lines.bytes.count + series.lines.count * (Page.numberBytesMax + 1)
            }
        }
        // Without room the standard library would write its count, 0, to the one array that all empty ones share, which the
        // thread sanitizer takes for a race.
        if bytesMax == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: bytesMax) { memory, count in
            var page = Page(memory: memory)
            for family in contents {
                page.write(family.metadata, 0..<family.metadata.count)
                for series in family.series { write(series, to: &page) }
            }
            count = page.count
        }
    }

    /// The HELP and TYPE lines of a family.
    static func metadata(name: String, type: String, help: String) -> [UInt8] {
        var bytes = Array("# HELP \(name) ".utf8)
        bytes.append(escaping: help, quotes: false)
        bytes += "\n# TYPE \(name) \(type)\n".utf8
        return bytes
    }

    private static func write(_ series: Series, to page: inout Page) {
        let lines = series.lines
        switch series.metric {
        case .counter(let counter):
            write(lines, 0, counter.value, to: &page)
        case .gauge(let gauge):
            write(lines, 0, gauge.value, to: &page)
        case .summary(let summary):
            write(lines, 0, summary.count, to: &page)
            write(lines, 1, summary.sum, to: &page)
        case .histogram(let histogram):
            write(histogram, lines, to: &page)
        case .info:
            write(lines, 0, 1 as UInt64, to: &page)
        }
    }

    /// Writes cumulative buckets, and as the count what the last of them came to.
    private static func write(_ histogram: Histogram, _ lines: SampleLines, to page: inout Page) {
        var cumulative: UInt64 = 0
        var line = 0
        for count in histogram.bucketCounts {
            cumulative &+= count
            write(lines, line, cumulative, to: &page)
            line += 1
        }
        write(lines, line, cumulative, to: &page)
        write(lines, line + 1, histogram.sum, to: &page)
    }

    private static func write(_ lines: SampleLines, _ line: Int, _ value: UInt64, to page: inout Page) {
        page.write(lines.bytes, lines.range(of: line))
        page.write(value)
        page.write(UInt8(ascii: "\n"))
    }

    private static func write(_ lines: SampleLines, _ line: Int, _ value: Double, to page: inout Page) {
        page.write(lines.bytes, lines.range(of: line))
        page.write(value)
        page.write(UInt8(ascii: "\n"))
    }
}
