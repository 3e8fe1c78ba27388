internal import Glibc

/// What this process uses, as Linux tells it.
package struct ProcessFigures {
    /// Resident memory.
    package let residentBytes: Int
    /// Open files.
    package let descriptors: Int
    /// Threads.
    package let threads: Int

    /// Reads them now.
    package static func read() -> ProcessFigures {
        let pages = fields(of: "/proc/self/statm").dropFirst().first ?? 0
        return ProcessFigures(
            residentBytes: pages * Int(getpagesize()),
            descriptors: entries(of: "/proc/self/fd"),
            threads: entries(of: "/proc/self/task")
        )
    }

    private static func fields(of path: String) -> [Int] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return [] }
        return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    }

    private static func entries(of path: String) -> Int {
        guard let directory = opendir(path) else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
        return count
    }
}
