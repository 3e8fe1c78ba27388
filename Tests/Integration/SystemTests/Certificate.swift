import Foundation
import TestSupport
import Testing

/// A certificate for TLS that is signed by itself.
struct Certificate {
    /// The file of the certificate.
    let path: String
    /// The file of its key.
    let keyPath: String

    /// Makes one.
    ///
    /// - Parameter directory: where its files are.
    /// - Throws: when openssl makes none.
    init(in directory: TemporaryDirectory) throws {
        (path, keyPath) = ("\(directory.path)/tls.crt", "\(directory.path)/tls.key")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyPath]
        let made = try Program.run(
            "/usr/bin/openssl",
            ["req", "-x509", "-subj", "/CN=gateway.example", "-days", "2", "-out", path] + key
        )
        try #require(made.status == 0, "\(made.errors)")
    }
}
