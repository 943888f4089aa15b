//! The query behind `where`: words, phrases, patterns and named filters, joined by *and*, *or* and *not*.

mod cursor;
mod field;
mod parser;

pub(crate) use field::is_known;
pub(super) use parser::LONGEST;

pub use super::tree::Tree;
use crate::model::Refusal;
use crate::when::Reading;

/// Reads a query. Relative dates in it are fixed by `reading`.
///
/// # Errors
/// What is wrong, with a caret under the place: unknown names, values that make no sense, parentheses that do not
/// pair, more than 2,000 characters, 200 terms or 50 levels.
pub fn parse(query: &str, reading: &Reading) -> Result<Tree, Refusal> {
    parser::parse(query, reading, None).map_err(|mistake| mistake.shown_in(query))
}

/// The same for items of this kind of source.
///
/// # Errors
/// Also where the query asks for a fact that the source does not give.
pub fn parse_for(source: &str, query: &str, reading: &Reading) -> Result<Tree, Refusal> {
    parser::parse(query, reading, Some(source)).map_err(|mistake| mistake.shown_in(query))
}
