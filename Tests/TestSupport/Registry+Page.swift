package import Exposition

extension Registry {
    /// The page in the classic text format.
    package var page: String { page(.text0_0_4) }

    /// The page as text, which is checked whatever a test looks for.
    ///
    /// A page that is malformed ends the tests: programs that have no tests use this target, too.
    ///
    /// - Parameters:
    ///   - format: the format of the page.
    ///   - names: the families to show; nil for all.
    ///   - showsCreated: whether OpenMetrics pages have `_created` samples.
    /// - Returns: the page.
    package func page(_ format: ExpositionFormat, names: Set<String>? = nil, showsCreated: Bool = false) -> String {
        let page = String(decoding: render(format, names: names, showsCreated: showsCreated), as: UTF8.self)
        do {
            try PageCheck.check(page)
        } catch {
            fatalError("\(error) in this page:\n\(page)")
        }
        return page
    }
}

extension String {
    /// The lines of a page that are not metadata.
    package var samples: [Substring] {
        split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
}
