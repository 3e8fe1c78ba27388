internal import HTTPTypes
internal import Myosin

/// What a method does at a path.
struct OpenAPIOperation: Sendable {
    /// The name of a function that does it, in camel case; no other operation has it.
    let id: String
    let summary: String
    /// The model that it is about, if it is one.
    var model: String?
    var parameters: [JSONValue] = []
    /// The schema of the content, by each media type that it may have.
    var content: [(type: String, schema: JSONValue)] = []
    /// The responses of its own, by their status.
    var responses: [(status: Int, response: JSONValue)] = []
    /// The names of the shared responses that it gives, besides those that every operation gives.
    var refusals: [String] = []

    /// The operation object.
    var json: JSONValue {
        var object = JSONObject()
        if let model { object["tags"] = [.string(model)] }
        object["operationId"] = .string(id)
        object["summary"] = .string(summary)
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        if !content.isEmpty {
            let types = content.reduce(into: JSONObject()) { $0[$1.type] = ["schema": $1.schema] }
            object["requestBody"] = ["required": true, "content": .object(types)]
        }
        object["responses"] = .object(allResponses)
        return .object(object)
    }

    private var allResponses: JSONObject {
        var all = responses
        for shared in OpenAPIResponses.shared
        where refusals.contains(shared.name) || OpenAPIResponses.everywhere.contains(shared.name) {
            if all.contains(where: { $0.status == shared.status.code }) { continue }
            all.append((shared.status.code, OpenAPIReference.to("responses", shared.name)))
        }
        return all.sorted { $0.status < $1.status }
            .reduce(into: JSONObject()) { $0["\($1.status)"] = $1.response }
    }
}
