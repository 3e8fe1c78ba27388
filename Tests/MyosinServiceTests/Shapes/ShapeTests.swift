import Myosin
import Testing

/// What becomes of types of many shapes: what their schema, metrics and OpenAPI document say, and that no value is lost.
@Suite struct ShapeTests {
    @Test(arguments: standard) func typesOfTheStandardLibrary(row: ShapeRow) throws { try row.check() }
    @Test(arguments: enumerations) func fieldsOfEnumerations(row: ShapeRow) throws { try row.check() }
    @Test(arguments: structures) func fieldsOfStructures(row: ShapeRow) throws { try row.check() }
    @Test(arguments: handWritten) func typesThatAreReadByHand(row: ShapeRow) throws { try row.check() }
    @Test(arguments: refused) func typesThatLoseWhatTheyWrite(row: ShapeRow) throws { try row.check() }

    static let standard: [ShapeRow] = [
        .served(StandardShapes.Booleans(), "{on: boolean, maybe?: boolean?}", gauges: ["maybe", "on"]),
        .served(StandardShapes.Texts(), "{name: string, note?: string?, said?: string?}"),
        .served(
            StandardShapes.Numbers(),
            "{a: number, b?: number?, c: number, d?: number?, e: number, f?: number?}",
            gauges: ["a", "b", "c", "d", "e", "f"]
        ),
        .served(
            StandardShapes.Halves(),
            "{maybe?: number?, list: [number], byName: {*: number?}}",
            gauges: ["maybe"]
        ),
        .served(
            StandardShapes.Signed(),
            "{a: Int8, b: Int16, c: Int32, d: Int, e: Int, f?: Int8?, g?: Int16?, h?: Int32?, i?: Int?, j?: Int?}",
            gauges: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        ),
        .served(
            StandardShapes.Unsigned(),
            "{a: UInt8, b: UInt16, c: UInt32, d: UInt, e: UInt, f?: UInt8?, g?: UInt16?, h?: UInt32?, i?: UInt?, j?: UInt?}",
            gauges: ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        ),
        .served(StandardShapes.Wide(), "{a: Int128, b?: UInt128?, c: [Int128]}", gauges: ["a", "b"]),
        .served(StandardShapes.Identities(), "{owner: string/Int, parent?: string/Int?}", gauges: ["owner", "parent"]),
        .served(StandardShapes.Whatever(), "{free: any, none?: any}"),
        .served(StandardShapes.Doubly(), "{list?: [Int?]?, twice?: {*: [Int8]?}?}"),
        .served(
            StandardShapes.Lists(),
            "{empty: [number], grid: [[boolean]], cube: [[[Int8]]], gaps: [Int8?], maybe?: [string]?, fast: [Int8]}"
        ),
        .served(StandardShapes.Sets(), "{tags: [string], numbers: [Int8]}"),
        .served(
            StandardShapes.Maps(),
            "{named: {*: number}, none: {*: Int8}, numbered: {*: boolean}, rooms: {*: number}, nested: {*: {*: boolean}}, maybe?: {*: Int8?}?}"
        ),
        .served(StandardShapes.Pairs(), "{byCase: [string | number], byWidth: [Int8], byFlag: [boolean | string]}"),
        .served(
            StandardShapes.Ranges(),
            "{half: [Int] from 2, closed: [number] from 2, from: [Int8] from 1, upTo: [Int8] from 1, through: [Int8] from 1, maybe?: [Int8] from 2?}"
        ),
        .served(
            StandardShapes.Vectors(),
            "{place: [number] from 2, colour?: [UInt8] from 4?, half?: [number] from 3?}"
        ),
        .served(StandardShapes.Nevers(), #"{impossible?: {"not":{}}?, nothing: [{"not":{}}]}"#),
        .served(
            StandardShapes.Differences(),
            "{changes: {removals: [{offset: Int, element: Int, associatedOffset: Int?, isRemove: boolean}], insertions: [{offset: Int, element: Int, associatedOffset: Int?, isRemove: boolean}]}}"
        ),
        .served(StandardShapes.Priorities(), "{priority: UInt8, maybe?: UInt8?}", gauges: ["maybe", "priority"]),
    ]

    static let enumerations: [ShapeRow] = [
        .served(
            EnumerationShapes.Raw(),
            "{quality: good|poor, maybe?: good|poor?, all: [good|poor], level: 1|3, none?: 1|3?}",
            gauges: ["level", "maybe", "none", "quality"]
        ),
        .served(
            EnumerationShapes.RawUnlisted(),
            "{colour: string, maybe?: string?, all: [Int8], grade?: Int8?}",
            gauges: ["grade"]
        ),
        .served(EnumerationShapes.Unraw(), "{side: {left?: {}, right?: {}}, maybe?: {left?: {}, right?: {}}?}"),
        .served(EnumerationShapes.UnrawUnlisted(), "{turn: {clockwise?: {}, …}, maybe?: {clockwise?: {}, …}?}"),
        .served(
            EnumerationShapes.UnrawNil(),
            "{turn?: any, count: Int}",
            gauges: ["count_value"],
            unlearned: ["/turn"]
        ),
        .served(EnumerationShapes.UnrawSampled(), "{turn?: {clockwise?: {}, counter?: {}, …}?}"),
        .served(EnumerationShapes.Payload(), "{mode: {timed?: {minutes: Int8}, …}}", gauges: ["mode_timed_minutes"]),
        .served(
            EnumerationShapes.PayloadSampled(),
            "{mode: {off?: {}, timed?: {minutes: Int8}, fixed?: {_0: number, until?: Int8?}, …}}",
            gauges: ["mode_fixed_0", "mode_fixed_until", "mode_timed_minutes"]
        ),
        .served(
            EnumerationShapes.PayloadNil(),
            "{mode?: any, count: Int8}",
            gauges: ["count_value"],
            unlearned: ["/mode"]
        ),
        .served(
            EnumerationShapes.Indirect(),
            "{term: {number?: {_0: number}, sum?: {_0: any, _1: any}, …}}",
            gauges: ["term_number_0"]
        ),
        .served(EnumerationShapes.Fractions(), "{share: number, maybe?: number?}", gauges: ["maybe", "share"]),
        .served(
            EnumerationShapes.ByHand(),
            "{answer: Yes|No, maybe?: Yes|No?, list: [Yes|No]}",
            gauges: ["answer", "maybe"]
        ),
        .served(
            EnumerationShapes.Discriminated(),
            "{last: {kind: string, at?: Int8, reason?: string}, all: [{kind: string, at?: Int8, reason?: string}]}",
            gauges: ["last_at"]
        ),
        .served(
            EnumerationShapes.Wrapped(),
            "{target: number, maybe?: number?, options: UInt8}",
            gauges: ["maybe", "options", "target"]
        ),
    ]

    static let structures: [ShapeRow] = [
        .served(
            StructureShapes.Nested(),
            "{deep: {name: string, position: {x: Int8, y?: number?}, others: [{x: Int8, y?: number?}]}, maybe?: {x: Int8, y?: number?}?}",
            gauges: ["deep_position_x", "deep_position_y", "maybe_x", "maybe_y"]
        ),
        .served(
            StructureShapes.NilStructure(),
            "{place?: any, count: Int8}",
            gauges: ["count_value"],
            unlearned: ["/place"]
        ),
        .served(
            StructureShapes.EmptyCollections(),
            "{route: [any], places: {*: any}, set: [any]}",
            unlearned: ["/route/{index}", "/places/{name}", "/set/{index}"]
        ),
        .served(
            StructureShapes.Trail(),
            "{count: Int8, route: [{x: Int8, position?: any}]}",
            gauges: ["count_value"],
            unlearned: ["/route/{index}/position"],
            advice:
                "the defaults and samples are so long that only their first values count, and those have no value there; "
                + "add a sample with a value there to Trail.samples, or describe the field in Trail.schema"
        ),
        .served(StructureShapes.NilSampled(), "{place?: {x: Int8, y?: number?}?}", gauges: ["place_x", "place_y"]),
        .served(
            StructureShapes.EmptySampled(),
            "{route: [{x: Int8, y?: number?}], places?: {*: {x: Int8, y?: number?}}?}"
        ),
        .served(
            StructureShapes.KnownElsewhere(),
            "{here: {x: Int8, y?: number?}, there?: {x: Int8, y?: number?}?, all: [{x: Int8, y?: number?}]}",
            gauges: ["here_x", "here_y", "there_x", "there_y"]
        ),
        .served(StructureShapes.Described(), "{place?: {…}?}"),
        .served(StructureShapes.Recursive(), "{root: {name: string, children: [any]}}"),
        .served(StructureShapes.Linked(), "{first: {value: Int8, next?: any}}", gauges: ["first_value"]),
        .served(StructureShapes.Kennel(), "{dog: {name: string, super: {legs: Int8}}}", gauges: ["dog_super_legs"]),
        .served(
            StructureShapes.Wrappers(),
            "{share: {wrappedValue: number}, level: Int8}",
            gauges: ["level", "share_wrapped_value"]
        ),
        .served(
            StructureShapes.Boxes(),
            "{number: {content: Int8, spare?: Int8?}, text: {content: string, spare?: string?}, place: {content: {x: Int8, y?: number?}, spare?: {x: Int8, y?: number?}?}}",
            gauges: [
                "number_content", "number_spare", "place_content_x", "place_content_y", "place_spare_x",
                "place_spare_y",
            ]
        ),
        .served(StructureShapes.Tuple(), "{pair: (string, number), pairs: [(string, number)]}"),
        .served(StructureShapes.Empty(), "{nothing: {…}, maybe?: {…}?}"),
        .served(
            StructureShapes.Erasing(),
            "{name: string, place: {x: Int8, y?: number?}}",
            gauges: ["place_x", "place_y"]
        ),
        .served(StructureShapes.OnlyIdentity(), "{}"),
        .served(StructureShapes.Renamed(), "{the level: Int8}", gauges: ["the_level"]),
        .served(StructureShapes.Lazy(), "{side: number}", gauges: ["side"]),
        .served(StructureShapes.Transient(), "{level: Int8}", gauges: ["level"]),
    ]

    static let handWritten: [ShapeRow] = [
        .served(HandWrittenShapes.Defaulted(), "{a?: Int8?, b?: string}", gauges: ["a"]),
        .served(HandWrittenShapes.Sparse(), "{a?: Int8?, b?: number?}", gauges: ["a", "b"]),
        .served(HandWrittenShapes.NilByHand(), "{a?: any}", unlearned: ["/a"]),
        .served(HandWrittenShapes.NilByHandSampled(), "{a?: Int8?}", gauges: ["a"]),
        .served(HandWrittenShapes.NestedContainers(), "{inner: {a: Int8}, list: [number]}", gauges: ["inner_a"]),
        .served(HandWrittenShapes.EmptyList(), "{list: [any]}", unlearned: ["/list/{index}"]),
        .served(HandWrittenShapes.Demanding(), "{code: string, other?: string?, level: Int8}", gauges: ["level"]),
        .served(HandWrittenShapes.Normalising(), "{code: string}"),
        .served(HandWrittenShapes.Free(), "{table: {*: number}, empty: {*: number}}"),
        .served(HandWrittenShapes.FreeEmpty(), "{table: {…}}", unlearned: ["/table/{name}"]),
        .served(HandWrittenShapes.Opaque(), "{any: any, level: Int8}", gauges: ["level"], unlearned: ["/any"]),
        .served(HandWrittenShapes.Either(), "{a: any}", unlearned: ["/a"]),
        .served(HandWrittenShapes.Trying(), "{a?: string}"),
        .served(HandWrittenShapes.Flattened(), "{a: Int8, b?: string?}", gauges: ["a"]),
        .served(
            HandWrittenShapes.Trapping(),
            "{name: string, other?: string?, names: [string], share: {a: Int8}, none?: {a: Int8}?, insisting?: any}",
            gauges: ["none_a", "share_a"],
            unlearned: ["/insisting"]
        ),
        .served(HandWrittenShapes.TrappingWhole(), "{a: Int8}", gauges: ["a"]),
    ]

    static let refused: [ShapeRow] = [
        .refused(
            RefusedShapes.Unread(),
            "The defaults of Unread: the model is not valid: /a is written by encode(to:), but init(from:) does not read it; read it, or do not write it."
        ),
        .refused(
            RefusedShapes.Unwritten(),
            "The defaults of Unwritten: the model is not valid: /a is read by init(from:), but encode(to:) does not write it; write it, or read it with decodeIfPresent."
        ),
        .refused(
            RefusedShapes.WritesOtherName(),
            "The defaults of WritesOtherName: the model is not valid: /a is read by init(from:), but encode(to:) does not write it; write it, or read it with decodeIfPresent; /b is written by encode(to:), but init(from:) does not read it; read it, or do not write it."
        ),
        .refused(
            RefusedShapes.WritesOtherType(),
            "The defaults of WritesOtherType: the model is not valid: /a is written by encode(to:), but init(from:) refuses it: it must be an integer, got a string; encode(to:) and init(from:) must fit together."
        ),
        .refused(
            RefusedShapes.Rounds(),
            "The defaults of Rounds: the model is not valid: /a is another number after it was written and read; encode(to:) and init(from:) must fit together."
        ),
        .refused(
            RefusedShapes.Loses(),
            "The defaults of Loses: the model is not valid: /a is written as 1 and comes back as null; encode(to:) and init(from:) must fit together."
        ),
        .refused(
            RefusedShapes.Transient(scratch: 6),
            "The defaults of Transient: the model is not valid: /scratch has another value after it was written and read; add it to the coding keys, or leave it out of ==."
        ),
        .refused(
            RefusedShapes.WithoutIdentity(),
            "The defaults of WithoutIdentity: the model is not valid: /id must be encoded; add it to the coding keys."
        ),
        .refused(
            RefusedShapes.NotANumber(),
            "The defaults of NotANumber: the model is not valid: /list/1 is nan, which JSON cannot tell; use a finite number."
        ),
        .refused(
            RefusedShapes.NoObject(),
            "The defaults of NoObject: the model is not valid: the document must be encoded as an object; encode a keyed container."
        ),
        .refused(
            RefusedShapes.TooDeep(levels: 65),
            "The defaults of TooDeep: the model is not valid: /free/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0 would be nested deeper than 64 levels."
        ),
        .refused(
            RefusedShapes.BadSample(),
            "Sample 2 of BadSample: the model is not valid: /level must not be negative."
        ),
        .refused(
            RefusedShapes.AsymmetricSample(),
            "Sample 1 of AsymmetricSample: the model is not valid: /voice is written by encode(to:), but init(from:) refuses it: it must be loud; encode(to:) and init(from:) must fit together."
        ),
        .refused(
            RefusedShapes.Colliding(),
            "The defaults of Colliding: the model is not valid: /table has another value after it was written and read; encode(to:) and init(from:) must fit together."
        ),
    ]
}
