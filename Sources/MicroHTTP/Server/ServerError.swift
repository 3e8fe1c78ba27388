#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Why a server could not be set up or started, with a sentence that says what to do about it.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is; new codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name, such as `addressInUse`.
        public let description: String

        /// Another process, or another listener of this one, has the address.
        public static let addressInUse = Code(description: "addressInUse")
        /// The machine has no such address.
        public static let addressNotAvailable = Code(description: "addressNotAvailable")
        /// The process may not listen there.
        public static let permissionDenied = Code(description: "permissionDenied")
        /// The text is not an address, or the address cannot be listened on.
        public static let badAddress = Code(description: "badAddress")
        /// A route has a fault, or two routes answer the same requests; thrown only by the product `MyosinService`.
        public static let badRoute = Code(description: "badRoute")
        /// The server was started before.
        public static let alreadyStarted = Code(description: "alreadyStarted")
        /// The server was stopped before or while it started.
        public static let stopped = Code(description: "stopped")
        /// The operating system refused something else: memory, descriptors, threads.
        public static let systemError = Code(description: "systemError")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened and what to do, as a sentence for a person.
    public let message: String
    /// The operating system's error number, if it was the one that failed.
    public let underlyingErrno: Int32?

    /// The message.
    public var description: String { message }

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - code: what kind of failure it is.
    ///   - message: what happened and what to do.
    ///   - number: the operating system's error number, if it was the one that failed.
    package init(_ code: Code, _ message: String, errno number: Int32? = nil) {
        self.code = code
        self.message = message
        underlyingErrno = number
    }
}

extension ServerError {
    /// The error for a system call that nothing more can be said about.
    static func systemError(_ what: String, errno number: Int32) -> ServerError {
        ServerError(
            .systemError,
            "\(what) failed: \(String(cString: strerror(number))); free some of that resource or raise its limit",
            errno: number
        )
    }

    /// The error for an address that could not be bound.
    static func binding(_ address: ListenAddress, errno number: Int32) -> ServerError {
        let place = address.place
        switch number {
        case EADDRINUSE:
            return ServerError(
                .addressInUse,
                "\(place) is taken by another process; stop it or choose another\(address.freePortHint)",
                errno: number
            )
        // EINVAL: an IPv4 address in the form of IPv6, or one of a link without the link.
        case EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL:
            return ServerError(
                .addressNotAvailable,
                "this machine has no such address as in \(place); choose one of its own, or a port alone (\":8000\") "
                    + "for all of them",
                errno: number
            )
        case EACCES, EPERM, EROFS:
            return ServerError(
                .permissionDenied,
                "this process may not listen on \(place); \(address.permissionHint)",
                errno: number
            )
        case ENOENT, ENOTDIR:
            return ServerError(
                .badAddress,
                "the directory of \(place) does not exist; create it or choose another path",
                errno: number
            )
        default:
            return .systemError("listening on \(place)", errno: number)
        }
    }
}
