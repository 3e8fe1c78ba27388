/// A response that is made once and sent many times, at the cost of a reference.
///
/// Swap the reference to publish a new one; requests that are being answered keep the old one alive.
public final class SharedResponse: Sendable {
    /// The response.
    public let response: Response
    /// Nil when there was no memory for it.
    let wire: WireResponse?

    /// Makes a response to be sent many times.
    ///
    /// - Parameter response: the response.
    public init(_ response: Response) {
        self.response = response
        wire = WireResponse(response, closing: false)
    }
}
