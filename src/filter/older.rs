//! Keeps items that are old enough.

use std::sync::Arc;

use super::age::Bound;
use super::folded::Folded;
use super::{Filter, FilterKind, spelling};
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// Keep items published at least this long ago, or before this date.
#[derive(clap::Args)]
pub struct Older {
    #[arg(long, value_name = "TIME")]
    pub older: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "older",
    declare: || registry::declare::<Older>("older"),
    page: include_str!("../../man/older.md"),
    build,
};

fn build(value: &str, reading: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    Ok(Arc::new(Before(Bound::read("older", value, reading)?)))
}

struct Before(Bound);

impl Filter for Before {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let (newer, is, side) = self.0.is_newer(item);
        let reason = format!("{is}, {side}");
        if !newer {
            Verdict::Keep(reason)
        } else {
            Verdict::Drop(reason)
        }
    }

    fn spelling(&self) -> String {
        format!("older:{}", spelling::value(&self.value()))
    }

    fn value(&self) -> String {
        self.0.written()
    }
}
