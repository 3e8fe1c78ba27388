internal import Foundation

/// What this process has written so far, from `/proc/self/io` (proc_pid_io(5)).
struct WrittenBytes {
    /// Bytes given to `write` and its like: `wchar`.
    let given: Int
    /// Bytes of whole pages that are to go to a disk, `write_bytes`; 0 on tmpfs.
    let toDisk: Int

    init() throws {
        let text = try String(contentsOfFile: "/proc/self/io", encoding: .utf8)
        func value(_ name: String) -> Int {
            for line in text.split(separator: "\n") where line.hasPrefix("\(name): ") {
                return Int(line.dropFirst(name.count + 2)) ?? 0
            }
            return 0
        }
        (given, toDisk) = (value("wchar"), value("write_bytes"))
    }
}
