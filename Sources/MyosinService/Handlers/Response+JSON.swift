public import HTTPTypes
public import MicroHTTP
internal import Myosin

extension Response {
    /// Makes a response of JSON, with values in their form in documents of the state.
    ///
    /// A value that cannot be encoded makes a response with the status 500, and the service logs the error.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - status: the status.
    ///   - fields: further header fields; a `Content-Type` among them replaces `application/json`.
    /// - Returns: the response.
    public static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        fields: HTTPFields = [:]
    ) -> Response {
        do {
            var fields = fields
            if fields[.contentType] == nil { fields[.contentType] = "application/json" }
            var text = try DocumentCoding.text(of: value)
            text.append(UInt8(ascii: "\n"))
            return Response(status: status, fields: fields, body: .bytes(text))
        } catch {
            var response = Problem.internalError.response
            response.body = .shared(SharedBody(response.body.bytes, .failure(error)))
            return response
        }
    }
}
