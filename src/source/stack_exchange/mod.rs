//! What happens on the sites of Stack Exchange, read through its API (version 2.3).
//!
//! Each kind of thing is a source of its own: one file with what it is called, which method of the API gives it, and
//! how its objects become items. `watch.rs` reads them all the same way, `api.rs` is the only one that asks.

mod answer;
pub mod answers;
mod api;
pub mod badges;
pub mod bell;
mod below;
pub mod budget;
mod cache;
pub mod comments;
mod content;
mod cursor;
pub mod edits;
mod network;
mod object;
mod place;
mod post;
pub mod posts;
pub mod questions;
mod reading;
pub mod revisions;
mod rung;
pub mod sites;
pub mod tags;
pub mod users;
mod watch;
mod wrong;

pub use api::{Api, Settings};
pub use below::Post;
pub use content::parse;
