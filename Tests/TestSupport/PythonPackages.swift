internal import Foundation

/// Packages from PyPI, which tests install once into the build directory.
package enum PythonPackages {
    /// Why they are not there.
    package struct Failure: Error, CustomStringConvertible {
        /// What pip says.
        package let description: String
    }

    /// Installs packages.
    ///
    /// - Parameters:
    ///   - packages: the names with their versions.
    ///   - name: the directory's name, which stands for just these.
    /// - Returns: the directory, for `PYTHONPATH`.
    /// - Throws: ``Failure``.
    package static func install(_ packages: [String], as name: String) throws -> String {
        try once(name) { path in
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target", path] + packages
        }
    }

    /// Takes the source distribution of a package apart.
    ///
    /// - Returns: the directory that it is in.
    /// - Throws: ``Failure``.
    package static func source(of package: String, version: String) throws -> String {
        // The name, and not ":all:", which would have pip build the tools that build the package too, for minutes.
        let script = """
            import glob, subprocess, sys, tarfile
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                            "--no-binary", sys.argv[2], "--dest", sys.argv[1], f"{sys.argv[2]}=={sys.argv[3]}"], check=True)
            for archive in glob.glob(sys.argv[1] + "/*.tar.gz"):
                tarfile.open(archive).extractall(sys.argv[1])
            """
        return try once("source-\(package)-\(version)") { path in ["-c", script, path, package, version] }
    }

    private static func once(_ name: String, _ arguments: (String) -> [String]) throws -> String {
        let path = "\(repository)/.build/python-\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // One at a time, also among test processes: of two that install the same, the second would take away what the first already
        // uses. The file is locked for as long as its descriptor is open.
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw Failure(description: "\(path)/lock cannot be locked: \(errno)")
        }
        defer { close(descriptor) }
        if FileManager.default.fileExists(atPath: path + "/installed") { return path }
        // By default pip gives up on a server that a busy network or machine holds up for 15 seconds.
        let limit = ["PIP_DEFAULT_TIMEOUT": "\(patience.components.seconds)"]
        let ending = try Program.run("/usr/bin/env", ["python3"] + arguments(path), environment: limit)
        guard ending.status == 0 else { throw Failure(description: ending.errors) }
        try Data().write(to: URL(filePath: path + "/installed"))
        return path
    }
}
