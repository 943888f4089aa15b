//! What is known of an item beside its texts.

use super::folded::Folded;

/// A value of a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Number(f64),
    /// Folded.
    Name(&'a str),
}

/// Shows every value that an item has, in the form in which filters name it.
pub fn values(item: &Folded<'_>, see: &mut dyn FnMut(&'static str, Value<'_>)) {
    for tag in item.tags() {
        see("tag", Value::Name(tag));
    }
    see("length", Value::Number(item.length() as f64));
}
