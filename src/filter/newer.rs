//! Keeps items that are not too old.

use std::sync::Arc;

use super::age::Bound;
use super::folded::Folded;
use super::{Filter, FilterKind, spelling};
use crate::model::{Refusal, Verdict};
use crate::registry;
use crate::when::Reading;

/// Keep items published less than this long ago, or after this date.
#[derive(clap::Args)]
pub struct Newer {
    #[arg(long, value_name = "TIME")]
    pub newer: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "newer",
    declare: || registry::declare::<Newer>("newer"),
    page: include_str!("../../man/newer.md"),
    build,
};

fn build(value: &str, reading: &Reading) -> Result<Arc<dyn Filter>, Refusal> {
    Ok(Arc::new(After(Bound::read("newer", value, reading)?)))
}

struct After(Bound);

impl Filter for After {
    fn check(&self, item: &Folded<'_>) -> Verdict {
        let (newer, is, side) = self.0.is_newer(item);
        let reason = format!("{is}, {side}");
        if newer {
            Verdict::Keep(reason)
        } else {
            Verdict::Drop(reason)
        }
    }

    fn spelling(&self) -> String {
        format!("newer:{}", spelling::value(&self.value()))
    }

    fn value(&self) -> String {
        self.0.written()
    }
}
