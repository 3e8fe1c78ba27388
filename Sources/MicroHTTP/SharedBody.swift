/// Bytes of a response body that are made once and sent by many responses without a copy.
///
/// Swap the reference to publish new bytes; responses that are being sent keep the old ones alive.
public final class SharedBody: Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Keeps bytes to be sent.
    ///
    /// - Parameter bytes: the body.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Keeps text to be sent as UTF-8.
    ///
    /// - Parameter text: the body.
    public convenience init(_ text: String) { self.init(Array(text.utf8)) }
}
