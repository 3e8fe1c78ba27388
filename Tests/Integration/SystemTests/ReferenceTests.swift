import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The tables of flags and metrics in the manuals, compared with the executables.
@Suite struct ReferenceTests {
    private static let executables = ["device-example", "myosin-exporter"]

    // MARK: Flags

    /// The flags of an executable, as `--help` prints them, each with its default or nil.
    private func flags(of executable: String) throws -> [String: String?] {
        let help = try Program.run(Program.path(of: executable), ["--help"]).output
        let entries = help.components(separatedBy: "\n  -").dropFirst().map { $0.components(separatedBy: "\n\n")[0] }
        return try entries.reduce(into: [:]) { flags, entry in
            let text = entry.split { " \n".contains($0) }.joined(separator: " ")
            let name = try #require(text.firstMatch(of: #/(?:^|h, -)(-[a-z.-]+)/#), "\(text)").1
            flags["-\(name)"] = .some((text.firstMatch(of: #/\(default: (\S+)\)/#)?.1).map(String.init))
        }
    }

    @Test func theArticleHasEveryFlagWithItsDefault() throws {
        var flags = try Self.executables.reduce(into: [:]) { all, executable in
            all.merge(try self.flags(of: executable)) { $1 }
        }
        // The text above the tables has them.
        for flag in ["--help", "--version", "--print-config"] { #expect(flags.removeValue(forKey: flag) != nil) }
        #expect(flags.count > 20)
        let rows = try Article("Sources/MyosinCommand/MyosinCommand.docc/Flags.md").rows
        for row in rows {
            let flag = try #require(row[0].codes.first)
            let `default` = row[1].text.filter { !"`,".contains($0) }
            let removed = flags.removeValue(forKey: flag)
            let present = try #require(removed, "there is no \(flag), or it has two rows")
            #expect(`default` == (present ?? "–"), "\(flag)")
        }
        #expect(flags.keys.sorted() == [], "without a row")
    }

    // MARK: Metrics

    private struct Family: Hashable {
        let type: String
        let labels: Set<String>
    }

    /// The families on a page in OpenMetrics, with their types and the names of their labels.
    private func families(on page: String) -> [String: Family] {
        var families: [String: Family] = [:]
        var (name, type) = ("", "")
        for line in page.split(separator: "\n") where line != "# EOF" {
            if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                (name, type) = (String(words[2]), String(words[3]))
                families[name] = Family(type: type, labels: [])
            } else if !line.hasPrefix("#"), let labels = line.firstMatch(of: #/^[a-z_]+\{(.*?)\} /#)?.1 {
                let names = labels.matches(of: #/([a-z_]+)="/#).map { String($0.1) }.filter { $0 != "le" }
                families[name] = Family(type: type, labels: (families[name]?.labels ?? []).union(names))
            }
        }
        return families
    }

    @Test func theArticleHasEveryFamilyWithItsTypeAndLabels() throws {
        var families = try Self.executables.reduce(into: [String: Family]()) { all, executable in
            let directory = try TemporaryDirectory()
            let service = try Service(executable, ["--state.path", directory.path])
            // The families of requests have their labels from the second page on.
            _ = try service.curl("/metrics")
            let page = try service.curl("/metrics", "-H", "Accept: application/openmetrics-text;version=1.0.0").body
            all.merge(self.families(on: page)) { $1 }
        }
        // Those of the models have a row together; the example records one through swift-metrics.
        families = families.filter { name, _ in
            name == "myosin_state_field" || !name.hasPrefix("myosin_state_") && name != "uplink_attempts"
        }
        let rows = try Article("Sources/MyosinService/MyosinService.docc/Metrics.md").rows
        for row in rows where row[0].codes[0] != "myosin_state_<model>_<field>[_<unit>]" {
            let name = row[0].codes[0]
            let removed = families.removeValue(forKey: name)
            let present = try #require(removed, "there is no \(name), or it has two rows")
            #expect(Family(type: row[1].text, labels: Set(row[2].codes)) == present, "\(name)")
        }
        #expect(families.keys.sorted() == [], "without a row")
    }
}
