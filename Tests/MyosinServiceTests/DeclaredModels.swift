import Myosin
import StateSchema

/// The test models as files would declare them.
enum DeclaredModels {
    static func all(_ names: [String]) throws -> [JSONSchemaDeclaration] {
        try names.map { name in try JSONSchemaDeclaration(name: name, text: Array((schemas[name] ?? "").utf8)) }
    }

    private static let schemas = [
        "Counter": """
        {"type": "object", "required": ["count"],
         "properties": {"id": {"type": "string", "default": "c1"}, "count": {"type": "integer", "default": 0}}}
        """,
        "Device": """
        {"type": "object", "required": ["mode", "tags"], "properties": {
           "id": {"default": "d1"},
           "mode": {"type": "string", "enum": ["off", "on"], "default": "off"},
           "place": {"type": ["object", "null"], "default": null, "required": ["room", "floor"],
              "properties": {"room": {"type": "string"}, "floor": {"type": "integer"}}},
           "tags": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]}}}
        """,
        "Guarded": """
        {"type": "object", "required": ["limits"], "x-durable": false, "x-require-if-match": true, "properties": {
           "id": {"default": "g1"},
           "limits": {"type": "object", "additionalProperties": {"type": "integer"}, "default": {"low": 1, "high": 9}}}}
        """,
        "Telemetry": """
        {"type": "object", "required": ["temperature", "humidity"], "x-durable": false, "properties": {
           "id": {"default": "t1"},
           "temperature": {"type": "number", "default": 20.5}, "humidity": {"type": "number", "default": 40}}}
        """,
        "User": """
        {"type": "object", "required": ["name", "email"], "properties": {
           "id": {"default": "u1"},
           "name": {"type": "string", "minLength": 1, "default": "chris"},
           "email": {"type": "string", "format": "email", "default": "chris@email.com"}}}
        """,
    ]
}
