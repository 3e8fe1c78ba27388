internal import Primitives

/// The places of a document that a type reads by nested containers or decoders.
///
/// A type that is decoded in its place refuses the fields that it does not read when its decoding ends. In a nested container no
/// decoding ends, so the type around it has to look at these places at its own end. The payload of an enumeration is one, because
/// Swift reads it by a nested container.
struct NestedNodes {
    /// In the order of the first request; nil for a place that was left.
    private var nodes: [DecodingNode?] = []
    private var positions: [ExactText: Int] = [:]

    /// Returns the node of a place, the same one for each request, so that a field counts as read if any container has read it.
    ///
    /// - Parameters:
    ///   - key: the last step to the place.
    ///   - make: makes the node for the first request.
    /// - Returns: the node.
    /// - Throws: the error of `make`.
    mutating func node(_ key: any CodingKey, _ make: () throws -> DecodingNode) rethrows -> DecodingNode {
        let name = ExactText(key.stringValue)
        if let position = positions[name], let node = nodes[position] { return node }
        let node = try make()
        positions[name] = nodes.count
        nodes.append(node)
        return node
    }

    /// Leaves a place, because the type has read all of it in another way, after a look inside.
    mutating func leave(_ key: any CodingKey) {
        if nodes.isEmpty { return }
        if let position = positions.removeValue(forKey: ExactText(key.stringValue)) { nodes[position] = nil }
    }

    /// Calls a closure for each place.
    func forEach(_ look: (DecodingNode) -> Void) {
        for case let node? in nodes { look(node) }
    }
}
