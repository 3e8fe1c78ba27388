/// The schema of a declared model with the fields of those that `service-probe` has as types, all of them with defaults.
package let slotSchema = """
    {"type": "object", "properties": {
    "id": {"type": "string", "default": "f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f"},
    "temperature": {"type": "number", "default": 21.5}, "humidity": {"type": "number", "default": 40.25},
    "pressure": {"type": "number", "default": 1013.25}, "battery": {"type": "number", "default": 0.87},
    "samples": {"type": "integer", "default": 123456}, "state": {"type": "string", "default": "ok"}},
    "required": ["temperature", "humidity", "pressure", "battery", "samples", "state"]}
    """
