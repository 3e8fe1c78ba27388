internal import ArgumentParser
internal import CProcess

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The arguments of the process, as it was given them.
enum ProgramArguments {
    /// All but the program's own name; bytes that are not UTF-8 are replaced, which ``check()`` refuses.
    static var all: [String] { pointers.map { String(cString: $0) } }

    /// Refuses arguments that are not UTF-8: with other bytes in their place they would name other files.
    ///
    /// - Throws: `ArgumentParser.ValidationError` with the first of them.
    static func check() throws {
        for pointer in pointers where !isUTF8(pointer) {
            throw ValidationError(
                "The argument \(escaped(pointer)) is not UTF-8. Rename the file, or type its name in UTF-8."
            )
        }
    }

    /// Refuses a variable of the environment that is not UTF-8.
    ///
    /// - Parameter name: the variable's name.
    /// - Throws: `ArgumentParser.ValidationError` with its value.
    static func checkVariable(_ name: String) throws {
        guard let value = getenv(name), !isUTF8(value) else { return }
        throw ValidationError(
            "\(name) is \(escaped(value)), which is not UTF-8. Rename the directory, or write its name in UTF-8."
        )
    }

    private static var pointers: [UnsafePointer<CChar>] {
        let count = Int(cprocess_argument_count())
        if count > 0 { return (1..<max(1, count)).compactMap { cprocess_argument(Int32($0)) } }
        // Another C library hands them to `main` alone, where Swift finds them.
        return (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0].map { UnsafePointer($0) } }
    }

    private static func isUTF8(_ text: UnsafePointer<CChar>) -> Bool { String(validatingCString: text) != nil }

    /// The text with each byte that is not UTF-8 as `\xfc`.
    private static func escaped(_ text: UnsafePointer<CChar>) -> String {
        let count = strlen(text)
        return text.withMemoryRebound(to: UInt8.self, capacity: count) { start in
            let bytes = UnsafeBufferPointer(start: start, count: count)
            var (result, next) = ("", 0)
            while next < count {
                // The shortest piece that is UTF-8 is one character of Unicode, which has four bytes at most.
                let piece = (1...4).prefix { next + $0 <= count }
                    .lazy.compactMap { String(validating: bytes[next..<next + $0], as: UTF8.self) }.first
                let byte = bytes[next]
                result += piece ?? "\\x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))"
                next += piece?.utf8.count ?? 1
            }
            return result
        }
    }
}
