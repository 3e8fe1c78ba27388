/// A simple type with two values that mark an element; at least one of them differs from any other value.
protocol Markable {
    static var marks: [Any] { get }
}

extension FixedWidthInteger where Self: Markable { static var marks: [Any] { [Self(0), Self(1)] } }
extension BinaryFloatingPoint where Self: Markable { static var marks: [Any] { [Self(0), Self(1)] } }
extension Int: Markable {}
extension Int8: Markable {}
extension Int16: Markable {}
extension Int32: Markable {}
extension Int64: Markable {}
extension UInt: Markable {}
extension UInt8: Markable {}
extension UInt16: Markable {}
extension UInt32: Markable {}
extension UInt64: Markable {}
extension Double: Markable {}
extension Float: Markable {}
extension Bool: Markable { static var marks: [Any] { [false, true] } }
extension String: Markable { static var marks: [Any] { ["", "x"] } }
