/// The text that ``DocumentWriter`` writes, with the containers that are open in it.
struct DocumentText {
    /// An object or array that is being written.
    private struct Frame {
        let closing: UInt8
        /// Tells the container from all others of this text.
        let serial: Int
        /// The value whose encoder has opened the container; 0 where a container has.
        let owner: Int
        /// Where its names begin in `names`.
        let firstName: Int
        /// The container's place in the shape.
        let place: UInt64
        var count = 0
        /// The name of the last field.
        var key = ""
    }

    /// A container, as long as it is open.
    struct Cursor {
        let depth: Int
        let serial: Int
        /// The cursor of a container that cannot be written to.
        static let nowhere = Cursor(depth: 0, serial: -1)
    }

    private var output: [UInt8] = []
    private var frames: [Frame] = []
    /// Digests of the names of all open objects.
    private var names: [UInt64] = []
    private(set) var shape = DocumentShape()
    /// Whether encoded values are part of the shape.
    var hasShape = true
    /// The shape's place for the next value.
    private var place: UInt64 = 0
    private var serials = 0
    /// The value of which nothing is written yet; 0 when there is none.
    private var expected = 0
    private(set) var isTangled = false
    /// The place where the text is nested deeper than a reader accepts, or nil if there is none.
    private(set) var tooDeep: String?
    /// Where in the text the field `id` of the outermost object is, with the comma before it, if it is not the first.
    private var identity: (start: Int, end: Int?)?

    /// Beyond so many fields in one object, names would have to be looked up otherwise than one by one.
    private static let maxNames = 512

    /// Makes an empty text.
    init() {
        output.reserveCapacity(256)
        frames.reserveCapacity(4)
        names.reserveCapacity(16)
    }

    /// Forgets everything, but keeps its room; false where that is more than should be kept.
    mutating func clear() -> Bool {
        output.removeAll(keepingCapacity: true)
        frames.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        (serials, expected, isTangled, tooDeep, identity) = (0, 0, false, nil, nil)
        shape.clear()
        (place, hasShape) = (0, true)
        return output.capacity <= Self.maxRoom && frames.capacity <= Self.maxRoom && names.capacity <= Self.maxRoom
    }

    private static let maxRoom = 16 << 10

    /// The text of an object, with the field `id` first; nil when it is tangled or the value is no object.
    mutating func finished() -> [UInt8]? {
        guard !isTangled, output.first == UInt8(ascii: "{") else { return nil }
        // A copy, which has no more room than it needs.
        guard let identity else { return output.withUnsafeBufferPointer { Array($0) } }
        let end = identity.end ?? output.count - 1
        return output[..<1] + output[(identity.start + 1)..<end] + [UInt8(ascii: ",")]
            + output[1..<identity.start] + output[end...]
    }

    /// The text of any value, an object with the field `id` first, or nil if it is tangled.
    mutating func finishedValue() -> [UInt8]? {
        finished() ?? (isTangled ? nil : output.withUnsafeBufferPointer { Array($0) })
    }

    // MARK: Values

    /// Begins a value that encodes itself.
    ///
    /// - Returns: its number, and how many containers are open around it.
    mutating func expectValue() -> (number: Int, depth: Int) {
        serials += 1
        expected = serials
        return (serials, frames.count)
    }

    /// Ends a value; one that has written nothing is an empty object.
    mutating func endValue(_ number: Int, at depth: Int) {
        if expected == number {
            shape.insert(.nothing, at: place)
            write("{}")
        }
        close(downTo: depth)
    }

    mutating func put(json value: JSONValue) {
        if value.isContainer, frames.count + value.depth > JSONValue.maxDepth { noteDepth(of: value) }
        if frames.isEmpty, case .object(var object) = value {
            object.moveToFront("id")
            JSONValue.object(object).write(to: &output)
        } else {
            value.write(to: &output)
        }
        expected = 0
    }

    /// Writes an encoded value.
    mutating func put(encoded value: JSONValue, _ freeNames: DocumentShape.FreeNames) {
        if hasShape { shape.insertAll(of: value, at: place, freeNames) }
        put(json: value)
    }

    mutating func put(text: String) {
        shape.insert(text.isEmpty ? .emptyText : .text, at: place)
        text.writeJSON(to: &output)
        expected = 0
    }

    mutating func put(integer number: some FixedWidthInteger) {
        shape.insert(number > 0 ? .positive : number == 0 ? .zero : .negative, at: place)
        write(number.description)
    }

    mutating func put(flag: Bool) {
        shape.insert(flag ? .yes : .no, at: place)
        write(flag ? "true" : "false")
    }

    mutating func putNull() {
        shape.insert(.null, at: place)
        write("null")
    }

    mutating func put(number value: Double) throws {
        shape.insert(value > 0 ? .positive : value == 0 ? .zero : .negative, at: place)
        guard let decimal = ShortDecimal(value) else { return try put(anyNumber: value) }
        decimal.write(to: &output)
        expected = 0
    }

    mutating func put(number value: some BinaryFloatingPoint & LosslessStringConvertible) throws {
        shape.insert(value > 0 ? .positive : value == 0 ? .zero : .negative, at: place)
        try put(anyNumber: value)
    }

    private mutating func put(anyNumber value: some BinaryFloatingPoint & LosslessStringConvertible) throws {
        guard value.isFinite else {
            throw ValidationError([.notFinite(path().pointer, value)])
        }
        write(value.description)
        // The shortest text; Swift's own has a fraction always.
        if output.last == UInt8(ascii: "0"), output[output.count - 2] == UInt8(ascii: ".") { output.removeLast(2) }
    }

    /// Appends ASCII text of which nothing has to be escaped.
    private mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { output.append(contentsOf: $0) }
        expected = 0
    }

    /// Whether an encoder may write its value: nothing of it is there yet.
    mutating func begins(_ value: Int, at depth: Int) -> Bool {
        if expected == value, frames.count == depth { return true }
        isTangled = true
        return false
    }

    /// Gives the text up.
    mutating func tangle() { isTangled = true }

    // MARK: Containers

    /// Opens the container of a value, or goes on with it.
    mutating func open(_ opening: UInt8, closing: UInt8, of value: Int, at depth: Int) -> Cursor {
        if frames.count > depth, frames[depth].owner == value, frames[depth].closing == closing {
            close(downTo: depth + 1)
            return Cursor(depth: depth, serial: frames[depth].serial)
        }
        return begins(value, at: depth) ? open(opening, closing, owner: value) : .nowhere
    }

    /// Opens a container inside the one that is open.
    mutating func open(_ opening: UInt8, closing: UInt8) -> Cursor { open(opening, closing, owner: 0) }

    private mutating func open(_ opening: UInt8, _ closing: UInt8, owner: Int) -> Cursor {
        serials += 1
        output.append(opening)
        expected = 0
        frames.append(Frame(closing: closing, serial: serials, owner: owner, firstName: names.count, place: place))
        shape.insert(opening == UInt8(ascii: "{") ? .object : .array, at: place)
        if frames.count > JSONValue.maxDepth { noteDepth() }
        return Cursor(depth: frames.count - 1, serial: serials)
    }

    /// Records the first place that is nested too deep.
    @inline(never) private mutating func noteDepth(of value: JSONValue? = nil) {
        if tooDeep != nil { return }
        let below = value?.path(deeperThan: max(0, JSONValue.maxDepth - frames.count)) ?? []
        tooDeep = below.reduce(path(JSONValue.maxDepth).pointer) { $0.appendingPointer(to: $1) }
    }

    /// Closes what is open inside of a container.
    private mutating func close(downTo depth: Int) {
        while frames.count > depth, let frame = frames.popLast() {
            output.append(frame.closing)
            if frame.count == 0 { shape.insert(.nothing, at: frame.place) }
            names.removeLast(names.count - frame.firstName)
        }
    }

    /// Goes back to a container, to write its next element there.
    ///
    /// - Returns: false when it is closed.
    private mutating func comeBack(to cursor: Cursor) -> Bool {
        guard frames.count > cursor.depth, frames[cursor.depth].serial == cursor.serial else {
            isTangled = true
            return false
        }
        close(downTo: cursor.depth + 1)
        return true
    }

    /// Begins the next element of an array.
    mutating func beginElement(in cursor: Cursor) -> Bool {
        guard comeBack(to: cursor) else { return false }
        if frames[cursor.depth].count > 0 { output.append(UInt8(ascii: ",")) }
        frames[cursor.depth].count += 1
        place = DocumentShape.element(of: frames[cursor.depth].place)
        return true
    }

    /// How many elements of an array are written or being written.
    func count(in cursor: Cursor) -> Int {
        frames.count > cursor.depth && frames[cursor.depth].serial == cursor.serial ? frames[cursor.depth].count : 0
    }

    /// Begins the next field of an object.
    mutating func beginField(_ key: String, in cursor: Cursor) -> Bool {
        guard comeBack(to: cursor), let isPlain = note(key, in: frames[cursor.depth]) else { return false }
        let count = frames[cursor.depth].count
        if cursor.depth == 0 {
            if identity != nil, identity?.end == nil { identity?.end = output.count }
            if count > 0, key == "id" { identity = (output.count, nil) }
        }
        frames[cursor.depth].count = count + 1
        frames[cursor.depth].key = key
        if count > 0 { output.append(UInt8(ascii: ",")) }
        if isPlain {
            var key = key
            output.append(UInt8(ascii: "\""))
            key.withUTF8 { output.append(contentsOf: $0) }
            output.append(UInt8(ascii: "\""))
        } else {
            key.writeJSON(to: &output)
        }
        output.append(UInt8(ascii: ":"))
        return true
    }

    /// Notes a name, if no other one in the object can be the same.
    ///
    /// - Returns: whether nothing in it has to be escaped; nil where it is not noted.
    private mutating func note(_ key: String, in object: Frame) -> Bool? {
        let (first, parent) = (object.firstName, object.place)
        var key = key
        let (digest, isPlain) = key.withUTF8 { bytes in
            var (digest, isPlain) = (DocumentShape.empty(bytes.count), true)
            for byte in bytes {
                digest = DocumentShape.adding(digest, byte)
                isPlain = isPlain && !byte.mustBeEscaped
            }
            return (digest, isPlain)
        }
        guard names.count - first < Self.maxNames, !names[first...].contains(digest) else {
            isTangled = true
            return nil
        }
        names.append(digest)
        place = DocumentShape.field(digest, of: parent)
        return isPlain
    }

    /// The way to what is being written, through so many containers or all that are open.
    func path(_ depth: Int? = nil) -> [any CodingKey] {
        frames.prefix(depth ?? frames.count)
            .map { frame in
                frame.closing == UInt8(ascii: "}")
                    ? DocumentKey(name: frame.key) : DocumentKey(index: frame.count - 1)
            }
    }
}
