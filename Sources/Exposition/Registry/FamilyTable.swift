/// The families of a registry, sorted, and the names that they have claimed.
///
/// A family is made and removed in one critical section of the table's lock. If two threads request the same family, the
/// second gets that of the first. So each count of dropped label sets belongs to one family. That section also takes the lock of
/// a family's children, always in this order: no family calls its registry, and the closures that make children are those of
/// ``FamilyRequest``, which only allocate.
struct FamilyTable: Sendable {
    /// The families on the page, by their names in the text format.
    private var families: [String: any RenderableFamily] = [:]
    /// The same in the order of a page, or nil from an addition or removal until the next page.
    private var order: [any RenderableFamily]?
    private var owners: [String: FamilyDescriptor] = [:]
    /// The registry's own family, with a child for each labelled family; it is not capped.
    private(set) var own: FamilyStorage<Registry.Counter>

    /// Makes a table without families on the page; the registry's own family has reserved its names.
    init(own: FamilyStorage<Registry.Counter>) {
        self.own = own
        claim(unchecked: own.descriptor)
    }

    /// Replaces the registry's own family by another one, which takes its children.
    ///
    /// - Throws: `duplicateName` or `nameCollision`; nothing is changed then.
    mutating func replaceOwn(by new: FamilyStorage<Registry.Counter>) throws(MetricError) {
        let former = own
        if former.descriptor.name == new.descriptor.name { return }
        try claim(new.descriptor)
        new.take(childrenOf: former)
        own = new
        let isShown = families.removeValue(forKey: former.descriptor.textName) != nil
        release(former.descriptor)
        if isShown { insert(new) }
        order = nil
    }

    /// Reserves all names of a family.
    ///
    /// - Throws: `duplicateName` or `nameCollision`; nothing is reserved then.
    mutating func claim(_ family: FamilyDescriptor) throws(MetricError) {
        for name in family.claimedNames {
            guard let owner = owners[name] else { continue }
            throw owner.name == family.name
                ? duplicate(family.name, family.kind, owner) : Self.collision(family, owner, name)
        }
        claim(unchecked: family)
    }

    /// Gives the names of a family back.
    mutating func release(_ family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = nil }
    }

    /// Puts a family with claimed names on the page, once.
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

    /// Takes a family off the page with its count of dropped label sets, and frees its names.
    mutating func remove(named name: String) {
        // A name means one family at most: a counter claims its name with and without `_total`.
        guard let owner = owners[name], owner.isNamed(name), owner.name != own.descriptor.name else { return }
        guard families.removeValue(forKey: owner.textName) != nil else { return }
        order = nil
        own.remove([owner.name])
        release(owner)
    }

    /// The present family of a request, if any.
    ///
    /// - Throws: `duplicateName` if the family of that name differs.
    func family<Child>(for request: FamilyRequest<Child>) throws(MetricError) -> FamilyStorage<Child>? {
        guard let owner = owners[request.name],
            owner.name == FamilyDescriptor.familyName(request.name, kind: request.kind)
        else { return nil }
        guard let present = families[owner.textName] as? FamilyStorage<Child>, present.isShared else {
            throw duplicate(request.name, request.kind, owner)
        }
        if let difference = request.difference(from: owner, onlyChild: present.onlyChild) {
            throw MetricError(
                code: .duplicateName,
                family: owner.name,
                message: """
                    there is \(owner.kind.nameWithArticle) \(owner.name) already, with \(difference): ask for that one, or \
                    choose another name
                    """
            )
        }
        return present
    }

    private mutating func claim(unchecked family: FamilyDescriptor) {
        for name in family.claimedNames { owners[name] = family }
    }

    private func duplicate(_ name: String, _ kind: MetricKind, _ owner: FamilyDescriptor) -> MetricError {
        // A program may unregister only shared families.
        let advice = families[owner.textName]?.isShared == true ? "unregister it first, or " : ""
        return MetricError(
            code: .duplicateName,
            family: FamilyDescriptor.familyName(name, kind: kind),
            message: """
                there is \(owner.kind.nameWithArticle) \(owner.name) already: \(advice)choose another name for the \
                \(kind.name)
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
