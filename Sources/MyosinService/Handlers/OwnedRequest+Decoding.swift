public import MicroHTTP
internal import Myosin

extension OwnedRequest {
    /// Decodes the body strictly: a field that the type does not read is a fault.
    ///
    /// The body is JSON. The Content-Type field may be missing, or be that of a form, as with `curl -d`.
    ///
    /// - Parameter type: the type.
    /// - Returns: the value.
    /// - Throws: ``Problem``: 400 for a body that is not JSON, 415 for another type or coding, 422 with the pointers of all
    ///   faults. 500 for a type that cannot be decoded from any JSON; if you throw it on, the service logs it with the remedy.
    public func decode<Value: Decodable>(_ type: Value.Type) throws(Problem) -> Value {
        let request = Request(self)
        let place = ServiceURL(ServiceConfiguration()).place(of: request)
        let content = RequestContent(kind: .other, place: place)
        if let problem = content.refusal(of: request) { throw problem }
        let json = try content.value(of: request)
        do {
            return try DocumentCoding.decode(type, from: json)
        } catch {
            guard error.faults.contains(where: { $0.code == .withoutForm }) else { throw Problem(error) }
            var problem = Problem.internalError
            problem.cause = "\(type) cannot be decoded: \(error)"
            throw problem
        }
    }
}
