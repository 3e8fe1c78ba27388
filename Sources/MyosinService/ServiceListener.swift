public import MicroHTTP

/// An address that a service listens on, and what anonymous clients may do there.
///
/// | text | anonymous clients may |
/// |---|---|
/// | `127.0.0.1:8000` | what the other settings say |
/// | `127.0.0.1:8000,access=metrics` | read the metrics and the health |
/// | `unix:/run/service.sock,mode=0660,group=www-data,access=read` | read |
public struct ServiceListener: Sendable, Hashable, CustomStringConvertible {
    /// The address.
    public var address: ListenAddress
    /// What anonymous clients may do at it, wherever they come from; nil for what ``ServiceConfiguration/anonymousAccess`` says.
    public var access: AnonymousAccess?

    /// Makes a listener.
    ///
    /// - Parameters:
    ///   - address: the address.
    ///   - access: what anonymous clients may do at it; nil for what the other settings say.
    public init(_ address: ListenAddress, access: AnonymousAccess? = nil) {
        (self.address, self.access) = (address, access)
    }

    /// Reads a listener.
    ///
    /// - Parameter text: an address, perhaps with `,access=` and the name of an ``AnonymousAccess`` behind it.
    /// - Throws: `ServerError` with the code `badAddress`, whose message says what to write.
    public init(_ text: String) throws(ServerError) {
        let option = ",access="
        guard let range = text.firstRange(of: option) else {
            do {
                self.init(try ListenAddress(text))
            } catch {
                let hint = "\(error.message); what clients may do there stands at the end, as in ,access=read"
                throw ServerError(error.code, hint, errno: error.underlyingErrno)
            }
            return
        }
        let value = text[range.upperBound...].prefix { $0 != "," }
        let rest = text[..<range.lowerBound] + text[value.endIndex...]
        guard let access = AnonymousAccess(rawValue: String(value)), !rest.contains(option) else {
            let names = AnonymousAccess.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServerError(.badAddress, "in \"\(text)\" there must be one access=, with one of \(names)")
        }
        self.init(try ListenAddress(String(rest)), access: access)
    }

    /// The listener as ``init(_:)`` reads it.
    public var description: String { "\(address)" + (access.map { ",access=\($0.rawValue)" } ?? "") }
}
