import Exposition
import TestSupport
import Testing

extension Registry {
    /// The page in the classic text format.
    var page: String { page(.text0_0_4) }

    /// The page as text, which is checked whatever a test looks for.
    func page(_ format: ExpositionFormat, names: Set<String>? = nil, showsCreated: Bool = false) -> String {
        let page = String(decoding: render(format, names: names, showsCreated: showsCreated), as: UTF8.self)
        #expect(throws: Never.self) { try PageCheck.check(page) }
        return page
    }
}
