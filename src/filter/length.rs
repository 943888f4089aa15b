//! Keeps items by how long their text is.

use super::tree::Tree;
use super::{FilterKind, amount};
use crate::model::Refusal;
use crate::registry;
use crate::when::Reading;

/// Keep items whose text is this long, in characters of the body, or of the title where there is no body.
#[derive(clap::Args)]
pub struct Length {
    #[arg(long, value_name = "RANGE")]
    pub length: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "length",
    declare: || registry::declare::<Length>("length"),
    page: include_str!("../../man/length.md"),
    build,
};

fn build(value: &str, reading: &Reading) -> Result<Tree, Refusal> {
    amount::build("length", value, reading)
}
