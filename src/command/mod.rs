//! What people can type.

pub mod sentence;
pub mod words;
