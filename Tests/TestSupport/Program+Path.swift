internal import Foundation

extension Program {
    /// Where an executable of this package is: in `MYOSIN_EXECUTABLES`, or beside the tests.
    package static func path(of executable: String) -> String {
        if let directory = ProcessInfo.processInfo.environment["MYOSIN_EXECUTABLES"] {
            return "\(directory)/\(executable)"
        }
        return Bundle.main.bundleURL.appending(path: executable).path()
    }
}
