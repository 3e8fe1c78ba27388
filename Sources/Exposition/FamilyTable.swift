/// The families of a registry, sorted, and the names that they have claimed.
///
/// A name is claimed before its family is made and released after the family is gone, so that whatever is made for a
/// family in between (its count of dropped label sets) belongs to one family only.
struct FamilyTable: Sendable {
    /// The families on the page, by their names in the text format.
    private var families: [String: any RenderableFamily] = [:]
    /// The same in the order of a page; nil until the next page when some have come or gone.
    private var order: [any RenderableFamily]?
    private var owners: [String: FamilyDescriptor] = [:]

    /// Makes a table without families, in which one family has its names already.
    init(reserving family: FamilyDescriptor) {
        own(family)
    }

    /// Reserves all names of a family.
    ///
    /// - Throws: `duplicateName` or `nameCollision`; nothing is reserved then.
    mutating func claim(_ family: FamilyDescriptor) throws(MetricError) {
        for name in family.claimedNames {
            guard let owner = owners[name] else { continue }
            throw owner.name == family.name ? Self.duplicate(family, owner) : Self.collision(family, owner, name)
        }
        own(family)
    }

    /// Gives the names of a family back.
    mutating func release(_ family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = nil }
    }

    /// Puts a family whose names are claimed on the page, once.
    mutating func insert(_ family: any RenderableFamily) {
        let name = family.descriptor.textName
        guard families[name] == nil else { return }
        families[name] = family
        order = nil
    }

    /// The families in the order of a page.
    mutating func sorted() -> [any RenderableFamily] {
        if let order { return order }
        let new = families.values.sorted { $0.descriptor.textName < $1.descriptor.textName }
        order = new
        return new
    }

    /// The family on the page that a name means.
    func family(named name: String) -> (any RenderableFamily)? {
        guard let owner = owners[name], owner.isNamed(name) else { return nil }
        return families[owner.textName]
    }

    /// Takes a family off the page; its names stay claimed.
    mutating func remove(named name: String) -> FamilyDescriptor? {
        // A name means one family at most: a counter claims its name with and without `_total`.
        guard let owner = owners[name], owner.isNamed(name) else { return nil }
        guard families.removeValue(forKey: owner.textName) != nil else { return nil }
        order = nil
        return owner
    }

    private mutating func own(_ family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = family }
    }

    private static func duplicate(_ family: FamilyDescriptor, _ owner: FamilyDescriptor) -> MetricError {
        MetricError(
            code: .duplicateName,
            family: family.name,
            message: """
                there is a \(owner.kind.name) \(owner.name) already: keep what made it, unregister it first, or choose \
                another name for the \(family.kind.name)
                """
        )
    }

    private static func collision(
        _ family: FamilyDescriptor,
        _ owner: FamilyDescriptor,
        _ name: String
    ) -> MetricError {
        MetricError(
            code: .nameCollision,
            family: family.name,
            message: """
                the \(family.kind.name) \(family.name) and the \(owner.kind.name) \(owner.name) would both have the \
                name \(name) on a page: choose another name for one of them
                """
        )
    }
}
