internal import Glibc

/// What a process uses, as Linux tells it.
package struct ProcessFigures {
    /// Resident memory.
    package let residentBytes: Int
    /// The most that it was.
    package let peakBytes: Int
    /// Open files.
    package let descriptors: Int
    /// Threads.
    package let threads: Int

    /// Reads them now, of this process or of another one.
    ///
    /// - Parameter process: the number of the other one.
    /// - Returns: the figures.
    package static func read(of process: Int? = nil) -> ProcessFigures {
        let directory = "/proc/\(process.map { "\($0)" } ?? "self")"
        let pages = fields(of: "\(directory)/statm").dropFirst().first ?? 0
        return ProcessFigures(
            residentBytes: pages * Int(getpagesize()),
            peakBytes: kibibytes("VmHWM", in: "\(directory)/status") << 10,
            descriptors: entries(of: "\(directory)/fd"),
            threads: entries(of: "\(directory)/task")
        )
    }

    private static func fields(of path: String) -> [Int] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return [] }
        return text(line).split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    }

    private static func text(_ line: [CChar]) -> String {
        String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What `NAME:   NUMBER kB` says in a file.
    private static func kibibytes(_ name: String, in path: String) -> Int {
        guard let file = fopen(path, "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = text(line).split { " \t\n:".contains($0) }
            if words.first == name[...], words.count > 1 { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    private static func entries(of path: String) -> Int {
        guard let directory = opendir(path) else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
        return count
    }
}
