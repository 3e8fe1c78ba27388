/// What neither promtool nor Prometheus' own readers look at in a page of metrics.
package enum PageCheck {
    /// What is wrong with a page.
    package struct Fault: Error, CustomStringConvertible {
        /// The line, and what is wrong with it.
        package let description: String
    }

    /// Checks that no series and no line of metadata is there twice, that the samples of a family follow its metadata and come one
    /// after the other, and that the page ends with a line's end, in OpenMetrics with `# EOF`.
    ///
    /// - Parameter page: the page, in any text format.
    /// - Throws: ``Fault`` with the first line that is wrong.
    package static func check(_ page: String) throws {
        guard page.isEmpty || page.utf8.last == 0x0A else { throw Fault(description: "the last line does not end") }
        // Series are told apart by their bytes; to `String` a letter with an accent and a letter followed by one are equal.
        var (series, families): (Set<[UInt8]>, Set<Substring>) = ([], [])
        var (family, metadata): (Substring, Set<Substring>) = ("", [])
        var hasEnded = false
        for line in page.unicodeScalars.split(separator: "\n").map({ Substring($0) }) {
            if hasEnded { throw Fault(description: "\(line) comes after the end") }
            if line == "# EOF" {
                hasEnded = true
            } else if line.hasPrefix("# ") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count >= 3 else { throw Fault(description: "\(line) says nothing") }
                if words[2] != family {
                    (family, metadata) = (words[2], [])
                    guard families.insert(family).inserted else { throw Fault(description: "\(family) is there twice") }
                }
                guard metadata.insert(words[1]).inserted else { throw Fault(description: "\(line) is there twice") }
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                guard !family.isEmpty, name.hasPrefix(family) else {
                    throw Fault(description: "\(line) is not where its family is, but at \(family)")
                }
                guard let end = endOfSeries(line), series.insert(Array(line[..<end].utf8)).inserted else {
                    throw Fault(description: "\(line) is there twice, or no sample")
                }
            }
        }
    }

    /// Where a sample's name and labels end; quotes may hold anything.
    private static func endOfSeries(_ line: Substring) -> Substring.Index? {
        var (isQuoted, isEscaped) = (false, false)
        for index in line.unicodeScalars.indices {
            let scalar = line.unicodeScalars[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isQuoted.toggle()
            } else if scalar == " ", !isQuoted {
                return index
            }
        }
        return nil
    }
}
