//! The store's promises, one file each.

#[path = "store/keys.rs"]
mod keys;
#[path = "store/overlay.rs"]
mod overlay;
#[path = "store/agenda.rs"]
mod schedule;
