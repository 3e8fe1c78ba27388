/// A digit as a type, of which the names of models are made that are types of their own.
package protocol Digit: Sendable {
    /// Its value.
    static var digit: Int { get }
}

package enum D0: Digit { package static let digit = 0 }
package enum D1: Digit { package static let digit = 1 }
package enum D2: Digit { package static let digit = 2 }
package enum D3: Digit { package static let digit = 3 }
package enum D4: Digit { package static let digit = 4 }
package enum D5: Digit { package static let digit = 5 }
package enum D6: Digit { package static let digit = 6 }
package enum D7: Digit { package static let digit = 7 }

/// The digits of the names of 64 models.
package let octalDigits: [any Digit.Type] = [
    D0.self, D1.self, D2.self, D3.self, D4.self, D5.self, D6.self, D7.self,
]
