//! What was missed.
