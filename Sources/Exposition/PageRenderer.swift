/// Renders families in a format.
///
/// The lines of samples are the same in all formats but for what OpenMetrics adds to them; what precedes a family's lines is not.
struct PageRenderer {
    let version: ExpositionFormat.Version
    /// Whether OpenMetrics tells when counters, summaries and histograms were made.
    let showsCreated: Bool

    /// What is rendered of a family, read before there is room for it.
    private struct Content {
        let family: FamilyDescriptor
        let series: [Series]
        /// How many bytes their lines may take at most.
        let linesBytesMax: Int
        /// The exemplars of each series; empty where they are not shown.
        let exemplars: [[ExemplarStore.Entry?]]
    }

    private static let end = Array("# EOF\n".utf8)
    private static let created = Array("_created".utf8)

    private var isOpenMetrics: Bool { version == .openMetrics1_0_0 }

    /// A page of the families in the order given, each child's values read once.
    func page(of families: [any RenderableFamily]) -> [UInt8] {
        let contents = families.map(content)
        let bytesMax = contents.reduce(isOpenMetrics ? Self.end.count : 0) { $0 + self.bytesMax(of: $1) }
        // Without room the standard library would write its count, 0, to the one array that all empty ones share, which the
        // thread sanitizer takes for a race.
        if bytesMax == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: bytesMax) { memory, count in
            var page = Page(memory: memory)
            for content in contents { write(content, to: &page) }
            if isOpenMetrics { page.write(Self.end, Self.end.indices) }
            count = page.count
        }
    }

    private func content(_ family: any RenderableFamily) -> Content {
        let (series, bytesMax) = family.lines
        let descriptor = family.descriptor
        let exemplars = isOpenMetrics && descriptor.exemplarUse.isInUse ? series.map(\.exemplars) : []
        return Content(family: descriptor, series: series, linesBytesMax: bytesMax, exemplars: exemplars)
    }

    private func metadata(of family: FamilyDescriptor) -> [UInt8] {
        isOpenMetrics ? family.openMetricsMetadata : family.textMetadata
    }

    private func hasCreated(_ family: FamilyDescriptor) -> Bool {
        isOpenMetrics && showsCreated && family.kind.hasCreationTime
    }

    private func bytesMax(of content: Content) -> Int {
        var bytes = metadata(of: content.family).count + content.linesBytesMax
        if hasCreated(content.family) {
            let created = content.family.name.utf8.count + Self.created.count + Page.numberBytesMax + 2
            bytes += content.series.reduce(0) { $0 + created + $1.lines.labels.count }
        }
        for case let entry? in content.exemplars.joined() {
            bytes += entry.exemplar.text.count + 2 * Page.numberBytesMax + 5
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
        case .info:
            write(series, 0, 1 as UInt64, to: &page)
        }
    }

    /// Writes cumulative buckets, and as the count what the last of them came to.
    private func write(
        _ histogram: Histogram,
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
        page.write(series.created)
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

    /// Ends a line, with an exemplar if there is one.
    private func end(_ entry: ExemplarStore.Entry?, _ page: inout Page) {
        if let entry {
            page.write(" # ")
            page.write(entry.exemplar.text, entry.exemplar.text.indices)
            page.write(UInt8(ascii: " "))
            page.write(entry.value)
            page.write(UInt8(ascii: " "))
            page.write(entry.time)
        }
        page.write(UInt8(ascii: "\n"))
    }
}
