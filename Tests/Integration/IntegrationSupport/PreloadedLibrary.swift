internal import Foundation
package import TestSupport

/// A library that is loaded into a program before all others, to take the place of functions of the system.
package struct PreloadedLibrary {
    /// The compiler's errors.
    package struct Failure: Error { package let errors: String }

    /// The variable that loads it.
    package let environment: [String: String]

    /// Compiles it.
    ///
    /// - Parameters:
    ///   - code: the text in C.
    ///   - directory: where its files are put.
    /// - Throws: ``Failure``.
    package init(_ code: String, in directory: TemporaryDirectory) throws {
        let (source, library) = ("\(directory.path)/library.c", "\(directory.path)/library.so")
        try Data(code.utf8).write(to: URL(filePath: source))
        let compiler = try Program.run("/usr/bin/env", ["clang", "-shared", "-fPIC", "-o", library, source])
        guard compiler.status == 0 else { throw Failure(errors: compiler.errors) }
        environment = ["LD_PRELOAD": library]
    }
}
