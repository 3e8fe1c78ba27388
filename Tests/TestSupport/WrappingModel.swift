package import Myosin

/// A model whose fields are those of another type.
///
/// So one type can have the fields of many models that are types of their own, made of generic arguments. The other type is not
/// generic, as a program's models are not: what a generic one is made of is looked up while it is read and written.
package protocol WrappingModel: StateModel {
    associatedtype Fields: StateModel

    /// All that there is of it.
    var fields: Fields { get set }

    /// Makes it of its fields.
    init(fields: Fields)
}

extension WrappingModel {
    package var id: ModelID {
        get { fields.id }
        set { fields.id = newValue }
    }

    package init(from decoder: any Decoder) throws { self.init(fields: try Fields(from: decoder)) }
    package func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }
    package func validate() throws { try fields.validate() }
}
