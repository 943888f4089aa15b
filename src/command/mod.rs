//! What people can type.

pub mod words;
