//! Stack Exchange: sites, and what is new on them.

mod network;
pub mod sites;
